import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.dialogue.clock import read_clock
from offhook.dialogue.words import words


def _read(said: str, *, evening: bool = False, at: int = 0) -> str | None:
    found = read_clock(words(said), at, evening=evening)
    return str(found[0]) if found is not None else None


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("half past seven", "19:30"),
        ("half seven", "19:30"),
        ("a quarter to eight", "19:45"),
        ("quarter past twelve", "12:15"),
        ("quarter to one", "12:45"),
        ("ten past nine", "09:10"),
        ("five minutes to six", "17:55"),
        ("seven", "19:00"),
        ("seven o'clock", "19:00"),
        ("seven thirty", "19:30"),
        ("seven oh five", "19:05"),
        ("nine thirty", "09:30"),
        ("seven thirty p m", "19:30"),
        ("seven thirty a m", "07:30"),
        ("twelve a m", "00:00"),
        ("twelve p m", "12:00"),
        ("7:30 p.m.", "19:30"),
        ("07:30", "07:30"),
        ("19:30", "19:30"),
        ("nineteen thirty", "19:30"),
        ("eight in the evening", "20:00"),
        ("three in the morning", "03:00"),
        ("eleven at night", "23:00"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
    ],
)
def test_times_are_read_as_they_are_said(said: str, time: str) -> None:
    assert _read(said) == time


@pytest.mark.parametrize("said", ["", "table", "twenty five", "24:00", "7:61", "half past", "half to seven", "a seven"])
def test_what_is_no_time_is_none(said: str) -> None:
    assert _read(said) is None


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("at eight tomorrow evening", "20:00"),
        ("at eight tonight", "20:00"),
        ("at eight for breakfast", "08:00"),
        ("at one for lunch", "13:00"),
        ("at seven tomorrow morning", "07:00"),
    ],
)
def test_words_elsewhere_tell_the_half_of_the_day(said: str, time: str) -> None:
    assert _read(said, at=1) == time


def test_bare_hours_are_those_of_the_business() -> None:
    assert _read("eight") == "08:00"
    assert _read("eight", evening=True) == "20:00"
    assert _read("two") == "14:00"
    assert _read("twelve", evening=True) == "12:00"


def test_a_bare_number_is_marked_as_one() -> None:
    bare, clock = read_clock(("seven",), 0), read_clock(("seven", "thirty"), 0)

    assert bare is not None
    assert bare[0].bare
    assert clock is not None
    assert not clock[0].bare


_WORDS = "a half quarter past to seven twelve thirty oh five o'clock pm am in the morning evening at night 7:30 25 noon"


@given(st.lists(st.sampled_from(_WORDS.split()), max_size=10), st.integers(0, 10), st.booleans())
def test_any_words_are_a_time_of_day_or_none(told: list[str], at: int, evening: bool) -> None:
    found = read_clock(told, at, evening=evening)

    if found is not None:
        assert at < found[1] <= len(told)
        assert 0 <= found[0].hour < 24
        assert 0 <= found[0].minute < 60
