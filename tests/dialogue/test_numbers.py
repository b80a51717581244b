import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.dialogue.numbers import DIGITS_LIMIT, read_decimal, read_digits, read_number, read_ordinal
from offhook.dialogue.words import words
from offhook.recognisers.spoken import cardinal


@pytest.mark.parametrize(
    ("said", "value", "rest"),
    [
        ("four", 4, ""),
        ("zero", 0, ""),
        ("twenty three people", 23, "people"),
        ("one hundred and five", 105, ""),
        ("a hundred", 100, ""),
        ("two thousand and six", 2006, ""),
        ("three million two hundred thousand forty one", 3_200_041, ""),
        ("twelve hundred", 1200, ""),
        ("a dozen", 12, ""),
        ("half a dozen eggs", 6, "eggs"),
        ("a couple of days", 2, "days"),
        ("seven thirty", 7, "thirty"),
        ("four two seven", 4, "two seven"),
        ("23", 23, ""),
        ("1,200", 1200, ""),
        ("five and six", 5, "and six"),
    ],
)
def test_whole_numbers_are_read_as_they_are_said(said: str, value: int, rest: str) -> None:
    told = words(said)
    found = read_number(told, 0)

    assert found is not None
    assert found[0] == value
    assert " ".join(told[found[1] :]) == rest


@pytest.mark.parametrize("said", ["", "table", "a table", "hundred", "and five", "half past", "9" * 30, "²"])
def test_what_is_no_number_is_none(said: str) -> None:
    assert read_number(words(said), 0) is None


@given(st.integers(0, 999_999_999))
def test_every_number_is_read_as_it_is_spelt(value: int) -> None:
    told = tuple(cardinal(value).split())

    assert read_number(told, 0) == (value, len(told))


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("three point one four", 3.14),
        ("3.5", 3.5),
        ("minus two", -2.0),
        ("two and a half", 2.5),
        ("fifty", 50.0),
        ("zero point zero five", 0.05),
    ],
)
def test_fractions_are_read(said: str, value: float) -> None:
    found = read_decimal(words(said), 0)

    assert found is not None
    assert found == (value, len(words(said)))


@pytest.mark.parametrize("said", ["", "point five", "minus minus two", "minus", "1.2.3"])
def test_what_is_no_fraction_is_none(said: str) -> None:
    assert read_decimal(words(said), 0) is None


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("four two seven one nine", "42719"),
        ("oh one seven two", "0172"),
        ("double four triple one", "44111"),
        ("forty two seventy one", "4271"),
        ("eight hundred five five five", "800555"),
        ("4271 22", "427122"),
        ("nineteen eighty four please", "1984"),
        ("table", ""),
        ("double trouble", ""),
    ],
)
def test_digits_are_read_one_by_one(said: str, digits: str) -> None:
    assert read_digits(words(said), 0)[0] == digits


def test_digits_have_an_end() -> None:
    assert len(read_digits(words("nine " * 100), 0)[0]) == DIGITS_LIMIT


@pytest.mark.parametrize(
    ("said", "value"), [("first", 1), ("twelfth", 12), ("twenty first", 21), ("thirtieth", 30), ("thirty first", 31)]
)
def test_places_are_read(said: str, value: int) -> None:
    assert read_ordinal(words(said), 0) == (value, len(said.split()))


@pytest.mark.parametrize("said", ["", "one", "thirty second", "twenty"])
def test_other_places_are_none(said: str) -> None:
    assert read_ordinal(words(said), 0) is None


_WORDS = "a half dozen couple of and point minus twenty thirty one nine hundred thousand million double oh 7 3.5 x"


@given(st.lists(st.sampled_from(_WORDS.split()), max_size=12), st.integers(0, 12))
def test_any_words_are_read_or_not_and_never_beyond_their_end(told: list[str], at: int) -> None:
    for found in (read_number(told, at), read_decimal(told, at), read_ordinal(told, at)):
        assert found is None or at < found[1] <= len(told)
    assert read_digits(told, at)[1] <= max(at, len(told))
