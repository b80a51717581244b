from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.dialogue.calendar import read_day
from offhook.dialogue.words import words

WEDNESDAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("today", "2026-11-18"),
        ("tonight", "2026-11-18"),
        ("this evening", "2026-11-18"),
        ("tomorrow", "2026-11-19"),
        ("the day after tomorrow", "2026-11-20"),
        ("friday", "2026-11-20"),
        ("friday evening", "2026-11-20"),
        ("this friday", "2026-11-20"),
        ("next friday", "2026-11-27"),
        ("monday", "2026-11-23"),
        ("next monday", "2026-11-23"),
        ("wednesday", "2026-11-25"),
        ("this wednesday", "2026-11-18"),
        ("sundays", "2026-11-22"),
        ("in two days", "2026-11-20"),
        ("in a week", "2026-11-25"),
        ("in three weeks", "2026-12-09"),
        ("the third of december", "2026-12-03"),
        ("third december", "2026-12-03"),
        ("december third", "2026-12-03"),
        ("december the third", "2026-12-03"),
        ("Dec 3rd", "2026-12-03"),
        ("the third of may", "2027-05-03"),
        ("may the third twenty thirty", "2030-05-03"),
        ("3 May 2031", "2031-05-03"),
        ("february twenty ninth", "2028-02-29"),
        ("the twenty fifth", "2026-11-25"),
        ("the tenth", "2026-12-10"),
    ],
)
def test_days_are_read_as_they_are_said(said: str, day: str) -> None:
    found = read_day(words(said), 0, WEDNESDAY)

    assert found is not None
    assert found[0].date.isoformat() == day
    assert found[1] == len(words(said))


@pytest.mark.parametrize(
    "said", ["", "table", "three", "third", "in two", "february thirtieth", "may", "next", "on friday"]
)
def test_what_is_no_day_is_none(said: str) -> None:
    assert read_day(words(said), 0, WEDNESDAY) is None


@pytest.mark.parametrize(
    ("said", "named"),
    [("tonight", "today"), ("next friday evening", "next friday"), ("december the third", "3 december")],
)
def test_a_day_keeps_the_name_it_was_called_by(said: str, named: str) -> None:
    found = read_day(words(said), 0, WEDNESDAY)

    assert found is not None
    assert found[0].said == named


_WORDS = (
    "the this next in a day days week after tomorrow today friday third thirty first of may february 31 2027 twenty"
)


@given(
    st.lists(st.sampled_from(_WORDS.split()), max_size=8),
    st.integers(0, 8),
    st.dates(date(1950, 1, 1), date(9000, 1, 1)),
)
def test_any_words_are_a_day_or_none(told: list[str], at: int, today: date) -> None:
    found = read_day(told, at, today)

    assert found is None or at < found[1] <= len(told)
