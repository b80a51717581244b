"""Times of day as people say them: "half past seven", "seven thirty p m", "noon", "nineteen thirty"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from offhook.dialogue.numbers import read_number

_NAMED: Final = {"noon": (12, 0), "midday": (12, 0), "midnight": (0, 0)}
_MORNING: Final = frozenset({"morning", "breakfast"})
_LATER: Final = frozenset({"afternoon", "evening", "night", "tonight", "lunch", "dinner", "supper"})

AFTERNOON_UNTIL_HOUR: Final = 7
"""Of an hour said bare, 1 to 7 are taken for the afternoon and 8 to 11 for the morning, as offices mean it."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, 00:00 to 23:59."""

    hour: int
    minute: int
    bare: bool
    """Only a number was said, which may just as well not be a time."""

    def __str__(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"


def read_clock(words: Sequence[str], at: int, *, evening: bool = False) -> tuple[Clock, int] | None:
    """The time that begins at ``at``, and where it ends; None if none does.

    Where morning or evening is not said, words elsewhere in the sentence decide ("tonight", "for lunch"), then
    ``evening`` (the business is one of evenings), then AFTERNOON_UNTIL_HOUR.
    """
    if at >= len(words):
        return None
    if words[at] in _NAMED:
        return Clock(*_NAMED[words[at]], bare=False), at + 1
    said = _read_numerals(words, at) or _read_past(words, at) or _read_hour(words, at)
    if said is None:
        return None
    hour, minute, bare, end = said
    half, after = _read_half(words, end)
    if half is not None:
        if not 1 <= hour <= 12:
            return (Clock(hour, minute, bare=False), after) if half == "pm" and hour > 12 else None
        return Clock(hour % 12 + (12 if half == "pm" else 0), minute, bare=False), after
    if 1 <= hour <= 11 and not _on_clock_of_24(words[at]) and _is_later(words, hour, evening=evening):
        hour += 12
    return Clock(hour, minute, bare), end


def _read_numerals(words: Sequence[str], at: int) -> tuple[int, int, bool, int] | None:
    """``7:30`` and ``19:30``."""
    hour, colon, minute = words[at].partition(":")
    if not colon or not (hour.isdigit() and minute.isdigit() and len(hour) <= 2 and len(minute) == 2):
        return None
    return (int(hour), int(minute), False, at + 1) if int(hour) < 24 and int(minute) < 60 else None


def _on_clock_of_24(word: str) -> bool:
    return word.startswith("0") and ":" in word


def _read_past(words: Sequence[str], at: int) -> tuple[int, int, bool, int] | None:
    """``half past seven``, ``a quarter to eight``, ``ten past seven``, ``half seven`` (British)."""
    index = at + 1 if words[at] == "a" else at
    if index >= len(words):
        return None
    if words[index] in ("half", "quarter"):
        minutes, index = (30 if words[index] == "half" else 15), index + 1
    elif (number := read_number(words, index)) is not None and 0 < number[0] < 30:
        minutes, index = number
        if index < len(words) and words[index] in ("minute", "minutes"):
            index += 1
    else:
        return None
    direction = words[index] if index < len(words) else ""
    if direction in ("past", "after", "to", "before", "till"):
        index += 1
    elif minutes == 30 and words[index - 1] == "half":
        direction = "past"
    else:
        return None
    hour = _hour(words, index)
    if hour is None or (minutes == 30 and direction in ("to", "before", "till")):
        return None
    if direction in ("to", "before", "till"):
        return (hour[0] - 1) % 24 or 12, 60 - minutes, False, hour[1]
    return hour[0], minutes, False, hour[1]


def _read_hour(words: Sequence[str], at: int) -> tuple[int, int, bool, int] | None:
    """``seven``, ``seven o'clock``, ``seven thirty``, ``seven oh five``, ``nineteen hundred``."""
    hour = _hour(words, at)
    if hour is None:
        return None
    value, end = hour
    if end < len(words) and words[end] == "o'clock":
        return value, 0, False, end + 1
    if end < len(words) and words[end] == "hundred":
        return value, 0, False, end + 1
    if end + 1 < len(words) and words[end] in ("oh", "o", "zero"):
        minute = read_number(words, end + 1)
        if minute is not None and 0 < minute[0] < 10:
            return value, minute[0], False, minute[1]
    minute = read_number(words, end) if end < len(words) and words[end] != "a" else None
    if minute is not None and 10 <= minute[0] < 60:
        return value, minute[0], False, minute[1]
    return value, 0, True, end


def _hour(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """0 to 23. In "twenty thirty" the hour is the first word, which read as one number it would not be."""
    if at >= len(words) or words[at] in ("a", "half"):
        return None
    if (number := read_number(words, at)) is None:
        return None
    return number if 0 <= number[0] < 24 else None


def _read_half(words: Sequence[str], at: int) -> tuple[str | None, int]:
    """``am``, ``pm``, and what says the same right behind the time."""
    rest = tuple(words[at : at + 3])
    if rest[:1] in (("am",), ("pm",)):
        return rest[0], at + 1
    if rest[:2] == ("in", "the") and rest[2:] and (rest[2] in _MORNING or rest[2] in _LATER):
        return ("am" if rest[2] in _MORNING else "pm"), at + 3
    if rest[:2] == ("at", "night"):
        return "pm", at + 2
    return None, at


def _is_later(words: Sequence[str], hour: int, *, evening: bool) -> bool:
    if _MORNING & set(words):
        return False
    if _LATER & set(words):
        return not ("lunch" in words and hour == 11)
    return evening or hour <= AFTERNOON_UNTIL_HOUR
