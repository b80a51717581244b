import pytest

from offhook.voices.reading import read_aloud


def read(text: str, language: str = "en-us") -> str:
    return read_aloud(text, language).text.strip()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("415-555-0123", "4 1 5, 5 5 5, 0 1 2 3"),
        ("(415) 555-0123", "4 1 5, 5 5 5, 0 1 2 3"),
        ("4155550123", "4 1 5, 5 5 5, 0 1 2 3"),
        ("+1 415.555.0123", "plus 1, 4 1 5, 5 5 5, 0 1 2 3"),
        ("1-800-555-0199", "1, 8 0 0, 5 5 5, 0 1 9 9"),
        ("555-0123", "5 5 5, 0 1 2 3"),
        ("+49 30 123456", "plus 4 9, 3 0, 1 2 3, 4 5 6"),
        ("06 12 34 56 78", "0 6, 1 2, 3 4, 5 6, 7 8"),
        ("account 12345678", "account 1 2 3, 4 5 6, 7 8"),
        ("agent 007", "agent 0 0 7"),
    ],
)
def test_telephone_numbers_are_read_digit_by_digit(text: str, said: str) -> None:
    assert read(text) == said
    assert read(f"Call {text}, or {text}.") == f"Call {said}, or {said}."


def test_telephone_numbers_are_read_so_in_every_language() -> None:
    assert read("Rufen Sie 030 1234567 an", "de") == "Rufen Sie 0 3 0, 1 2 3, 4 5 6 7 an"


@pytest.mark.parametrize(
    "text", ["1,000,000", "1 000 000", "3.14159265", "150000", "1234", "10-15-20", "12.11.2026", "AB12-34", "x12345678"]
)
def test_a_count_is_not_taken_for_a_telephone_number(text: str) -> None:
    assert read(f"It is {text} now") == f"It is {text} now"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$25.50", "25 dollars 50"),
        ("$1", "1 dollar"),
        ("$0.99", "99 cents"),
        ("$1,250.00", "1250 dollars"),
        ("$5 million", "5 million dollars"),
        ("£3.20", "3 pounds 20"),
        ("€10", "10 euros"),
        ("7:30 pm", "7 30 pm"),
        ("7:05", "7 oh 5"),
        ("7:00", "7 o'clock"),
        ("7:00 p.m.", "7 p.m."),
        ("18:00", "18 hundred"),
        ("2026-11-21", "November 21, 2026"),
        ("10-12", "10 to 12"),
        ("10–12 people", "10 to 12 people"),
        ("1/2", "one half"),
        ("24/7", "24 7"),
        ("#5", "number 5"),
        ("order #84213", "order number 8 4 2 1 3"),
        ("booking code: 4711", "booking code: 4 7 1 1"),
        ("~5 minutes", "about 5 minutes"),
        ("3 * 4", "3 times 4"),
        ("Dr. Smith vs. Mr. Jones", "Dr Smith versus Mr Jones"),
    ],
)
def test_money_times_and_signs_are_read_as_english_says_them(text: str, said: str) -> None:
    assert read(text) == said


def test_other_languages_keep_their_own_ways() -> None:
    assert read("um 7:30 für €10", "de") == "um 7:30 für €10"
