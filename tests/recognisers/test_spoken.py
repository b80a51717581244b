import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.recognisers.spoken import MAX_CARDINAL, cardinal, ordinal, spoken


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello, World!", "hello world"),
        ("Table 7, 7:30 p.m.", "table seven seven thirty p m"),
        ("at 7:05 or 7:00", "at seven oh five or seven"),
        ("orderStatus #42 & co", "order status forty two and co"),
        ("order_status", "order status"),
        ("don't, o’clock", "don't o'clock"),
        ("1,234,567", "one million two hundred thirty four thousand five hundred sixty seven"),
        ("1,2", "one two"),
        ("2.05", "two point zero five"),
        ("1st, 22nd, 0th", "first twenty second zero"),
        ("code 007", "code zero zero seven"),
        ("12345678901", "one two three four five six seven eight nine zero one"),
        ("$5 or €1,200.50", "five dollars or one thousand two hundred point five zero euros"),
        ("5% of £", "five percent of pounds"),
        ("Café Müller, Søren, Łukasz, Strauß", "cafe muller soren lukasz strauss"),
        ("", ""),
        ("… ??? 東京", ""),
    ],
)
def test_a_text_is_written_as_it_is_said(text: str, said: str) -> None:
    assert spoken(text) == said


@given(st.text(max_size=60))
def test_any_text_becomes_words_of_small_letters_and_is_then_left_as_it_is(text: str) -> None:
    said = spoken(text)

    assert set(said) <= set("abcdefghijklmnopqrstuvwxyz' ")
    assert spoken(said) == said == " ".join(said.split())


def test_the_longest_rows_of_digits_are_said_one_by_one() -> None:
    for text in ("9" * 5000, "9" * 5000 + "th", "9" * 5000 + ":99"):
        assert spoken(text).split()[:5000] == ["nine"] * 5000


@pytest.mark.parametrize(
    ("number", "counted", "rank"),
    [
        (1, "one", "first"),
        (12, "twelve", "twelfth"),
        (20, "twenty", "twentieth"),
        (23, "twenty three", "twenty third"),
        (100, "one hundred", "one hundredth"),
        (105, "one hundred five", "one hundred fifth"),
        (2040, "two thousand forty", "two thousand fortieth"),
        (
            MAX_CARDINAL,
            "nine hundred ninety nine million nine hundred ninety nine thousand nine hundred ninety nine",
            "nine hundred ninety nine million nine hundred ninety nine thousand nine hundred ninety ninth",
        ),
    ],
)
def test_numbers_are_counted_and_ranked(number: int, counted: str, rank: str) -> None:
    assert (cardinal(number), ordinal(number)) == (counted, rank)


def test_numbers_without_a_name_are_refused() -> None:
    for number in (-1, MAX_CARDINAL + 1):
        with pytest.raises(ValueError, match=str(number)):
            cardinal(number)
    with pytest.raises(ValueError, match="0 is no rank"):
        ordinal(0)
