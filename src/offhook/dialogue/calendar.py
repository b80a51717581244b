"""Days as people say them: "tomorrow", "next friday", "the third of may"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from offhook.dialogue.numbers import read_number, read_ordinal

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                 "november", "december")  # fmt: skip
_SHORT_MONTHS: Final = {month[:3]: month for month in MONTHS}

_PART_OF_DAY: Final = frozenset({"morning", "afternoon", "evening", "night", "lunchtime"})
_FAR_LIMIT_DAYS: Final = 366 * 2


@dataclass(frozen=True, slots=True)
class Day:
    """A day, and the words it was named with."""

    date: date
    said: str
    """As a person would write it: "friday", "tomorrow", "3 may"."""


def read_day(words: Sequence[str], at: int, today: date) -> tuple[Day, int] | None:
    """The day that begins at ``at``, and where it ends; None if none does. A part of the day behind it belongs to it.

    A weekday is the next one to come, and today only with "this". A day of a month is the next such day.
    """
    found = _read_relative(words, at, today) or _read_weekday(words, at, today) or _read_date(words, at, today)
    if found is None:
        return None
    day, end = found
    if end < len(words) and words[end] in _PART_OF_DAY:
        end += 1
    return day, end


def _read_relative(words: Sequence[str], at: int, today: date) -> tuple[Day, int] | None:
    rest = tuple(words[at : at + 5])
    for phrase, ahead, said in _RELATIVE:
        if rest[: len(phrase)] == phrase:
            return Day(today + timedelta(days=ahead), said), at + len(phrase)
    if rest[:1] == ("in",) and len(rest) > 2:
        count = (1, at + 2) if rest[1] in ("a", "one") else read_number(words, at + 1)
        if count is not None and count[1] < len(words):
            unit = {"day": 1, "days": 1, "week": 7, "weeks": 7}.get(words[count[1]])
            if unit is not None and count[0] * unit <= _FAR_LIMIT_DAYS:
                return Day(today + timedelta(days=count[0] * unit), " ".join(words[at : count[1] + 1])), count[1] + 1
    return None


_RELATIVE: Final = (
    (("the", "day", "after", "tomorrow"), 2, "the day after tomorrow"),
    (("day", "after", "tomorrow"), 2, "the day after tomorrow"),
    (("a", "week", "from", "today"), 7, "a week from today"),
    (("this", "evening"), 0, "today"),
    (("this", "afternoon"), 0, "today"),
    (("this", "morning"), 0, "today"),
    (("today",), 0, "today"),
    (("tonight",), 0, "today"),
    (("tomorrow",), 1, "tomorrow"),
)


def _read_weekday(words: Sequence[str], at: int, today: date) -> tuple[Day, int] | None:
    index, which = at, ""
    if index < len(words) and words[index] in ("this", "next", "coming"):
        which, index = words[index], index + 1
    name = _weekday(words[index]) if index < len(words) else None
    if name is None:
        return None
    ahead = (WEEKDAYS.index(name) - today.weekday() - 1) % 7 + 1
    if which == "next" and today.weekday() + ahead < 7:
        ahead += 7  # "next friday", said on a Tuesday, is not the one of this week
    if which == "this":
        ahead %= 7
    said = f"next {name}" if which == "next" else name
    return Day(today + timedelta(days=ahead), said), index + 1


def _weekday(word: str) -> str | None:
    if word in WEEKDAYS:
        return word
    return word[:-1] if word.endswith("s") and word[:-1] in WEEKDAYS else None


def _read_date(words: Sequence[str], at: int, today: date) -> tuple[Day, int] | None:
    """``the third of may``, ``may the third``, ``may 3``, ``2027-05-03`` (read as numbers), and a year behind."""
    index = at + 1 if at < len(words) and words[at] == "the" else at
    if (first := _day_of_month(words, index)) is not None:
        number, index = first
        if index < len(words) and words[index] == "of":
            index += 1
        month = _month(words, index)
        if month is None:
            return _next_of_month(number, first[1], today) if _is_ordinal(words, at) else None
        index += 1
    elif (month := _month(words, at)) is not None:
        index = at + 2 if words[at + 1 : at + 2] in (["the"], ("the",)) else at + 1
        second = _day_of_month(words, index)
        if second is None:
            return None
        number, index = second
    else:
        return None
    return _next_date(words, month, number, index, today)


def _day_of_month(words: Sequence[str], at: int) -> tuple[int, int] | None:
    found = read_ordinal(words, at)
    if found is None and at < len(words) and words[at] != "a":
        found = read_number(words, at)
    return found if found is not None and 1 <= found[0] <= 31 else None


def _is_ordinal(words: Sequence[str], at: int) -> bool:
    """Only "the third" alone is a day; a bare "third" or "three" may be anything."""
    return words[at] == "the" and read_ordinal(words, at + 1) is not None


def _month(words: Sequence[str], at: int) -> int | None:
    if at >= len(words):
        return None
    name = _SHORT_MONTHS.get(words[at], words[at])
    return MONTHS.index(name) + 1 if name in MONTHS else None


def _next_of_month(number: int, end: int, today: date) -> tuple[Day, int] | None:
    year, month = today.year, today.month
    for _ in range(4):
        try:
            day = date(year, month, number)
        except ValueError:
            day = date.min
        if day >= today:
            return Day(day, f"{number} {MONTHS[month - 1]}"), end
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return None


def _next_date(words: Sequence[str], month: int, number: int, end: int, today: date) -> tuple[Day, int] | None:
    year, after = _year(words, end, today)
    for candidate in (year,) if year else range(today.year, today.year + 5):
        try:
            day = date(candidate, month, number)
        except ValueError:
            continue
        if year or day >= today:
            said = f"{number} {MONTHS[month - 1]}" + (f" {year}" if year else "")
            return Day(day, said), after
    return None


def _year(words: Sequence[str], at: int, today: date) -> tuple[int | None, int]:
    """``2027``, ``twenty twenty seven``, ``two thousand twenty seven``; only years near today are meant as years."""
    if (whole := read_number(words, at)) is None or words[at] == "a":
        return None, at
    if (second := read_number(words, whole[1])) is not None and whole[0] in (19, 20) and 10 <= second[0] < 100:
        whole = (whole[0] * 100 + second[0], second[1])
    return whole if abs(whole[0] - today.year) <= 120 else (None, at)
