"""What a parameter of a tool takes from a caller's words, and where in a sentence it stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from rapidfuzz import fuzz, process

from offhook.dialogue.calendar import WEEKDAYS, read_day
from offhook.dialogue.clock import read_clock
from offhook.dialogue.language import (
    ACTIONS,
    DAY_WORDS,
    FIRST_NAMES,
    FUNCTION_WORDS,
    LAST_NAMES,
    NUMBER_WORDS,
    SMALL_WORDS,
)
from offhook.dialogue.numbers import read_decimal, read_digits, read_number
from offhook.dialogue.words import DIGITS_ALIKE

NEAR_ENOUGH: Final = 84.0
"""Out of 100: how alike a word and a choice must be spelt to be taken for the same."""

CHOICE_WORDS_LIMIT: Final = 6
"""Words in one choice that are compared."""

NAME_WORDS_LIMIT: Final = 3

SPANS_LIMIT: Final = 64
"""Values considered for one slot in one sentence."""

_FREE_DIGITS: Final = 3
"""So many digits in a row are a number of their own, also when nothing before them says so."""


class Kind(StrEnum):
    """What is said for a slot."""

    CHOICE = "choice"
    INTEGER = "integer"
    NUMBER = "number"
    YES_NO = "yes_no"
    DATE = "date"
    """A day; the value is written 2027-05-03."""
    DAY = "day"
    """A day; the value is the caller's word for it, such as "friday"."""
    TIME = "time"
    """A time of day, written 19:30."""
    DIGITS = "digits"
    """Text of digits: a telephone number, the number of an order."""
    NAME = "name"
    """Of a person."""
    TEXT = "text"
    """Whatever words are left."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few values."""

    value: Any
    """As the tool takes it."""
    spoken: tuple[str, ...]
    """How it may be said; the first is how it is spoken of."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A parameter of a tool, as a caller fills it."""

    name: str
    """The parameter's. A date and time in one are two slots: ``when.date`` and ``when.time``."""
    kind: Kind
    required: bool = True
    spoken: str = ""
    """The name in words: "order number"."""
    description: str = ""
    choices: tuple[Choice, ...] = ()
    of_days: bool = False
    """The choices are days of the week, so that "tomorrow" means one of them."""
    low: float | None = None
    """Smallest number, or fewest digits."""
    high: float | None = None
    """Largest number, or most digits."""
    many: bool = False
    """Takes a list of values."""
    cues: tuple[str, ...] = ()
    """Words before the value: "at"."""
    units: tuple[str, ...] = ()
    """Words after the value: "people"."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a value depends on beside the words."""

    today: date
    evening: bool = False
    """Bare hours are those of the evening."""


@dataclass(frozen=True, slots=True)
class Span:
    """A value, and the words of the sentence that it was read from, its cue and unit included."""

    slot: Slot
    value: Any
    start: int
    end: int
    strength: float
    """How much speaks for it; spans of more strength are taken first."""
    fits: bool = True
    """Within the limits of the slot."""


def spans(slot: Slot, words: Sequence[str], around: Surroundings, *, asked: bool = False) -> list[Span]:
    """All values for ``slot`` in the sentence. ``asked``: it was asked for, so that bare values are meant for it.

    Free text is not read here: only what the sentence leaves over is text.
    """
    found: list[Span] = []
    for at in range(len(words)):
        found.extend(_at(slot, words, at, around, asked=asked))
        if len(found) >= SPANS_LIMIT:
            break
    return found


def _at(slot: Slot, words: Sequence[str], at: int, around: Surroundings, *, asked: bool) -> Iterator[Span]:
    match slot.kind:
        case Kind.CHOICE:
            yield from _choices(slot, words, at, around)
        case Kind.INTEGER | Kind.NUMBER:
            yield from _numbers(slot, words, at)
        case Kind.DIGITS:
            yield from _digits(slot, words, at, asked=asked)
        case Kind.DATE | Kind.DAY:
            if (day := read_day(words, at, around.today)) is not None:
                value = day[0].date.isoformat() if slot.kind is Kind.DATE else day[0].said
                yield _span(slot, value, words, at, day[1], 4.0)
        case Kind.TIME:
            if (clock := read_clock(words, at, evening=around.evening)) is not None:
                span = _span(slot, str(clock[0]), words, at, clock[1], 1.0 if clock[0].bare else 4.0)
                if not clock[0].bare or asked or span.strength > 1.5:
                    yield span
        case Kind.NAME:
            yield from _names(slot, words, at)
        case Kind.YES_NO:
            yield from _mention(slot, words, at)
        case Kind.TEXT:
            pass


def _choices(slot: Slot, words: Sequence[str], at: int, around: Surroundings) -> Iterator[Span]:
    for choice in slot.choices:
        for form in choice.spoken:
            size = form.count(" ") + 1
            if size <= CHOICE_WORDS_LIMIT and " ".join(words[at : at + size]) == form:
                yield _span(slot, choice.value, words, at, at + size, 3.0 + 0.2 * size)
    if slot.of_days and (day := read_day(words, at, around.today)) is not None:
        name = WEEKDAYS[day[0].date.weekday()]
        for choice in slot.choices:
            if name in choice.spoken:
                yield _span(slot, choice.value, words, at, day[1], 3.1)
    if words[at] not in FUNCTION_WORDS and words[at] not in NUMBER_WORDS:
        yield from _near_choices(slot, words, at)


def _near_choices(slot: Slot, words: Sequence[str], at: int) -> Iterator[Span]:
    """Choices that are spelt almost like the words here: "peperoni", "terraces"."""
    forms = [form for choice in slot.choices for form in choice.spoken]
    for size in range(1, min(3, len(words) - at) + 1):
        heard = " ".join(words[at : at + size])
        if len(heard) < 4:
            continue
        near = process.extractOne(heard, forms, scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
        if near is not None and near[1] < 100:
            choice = next(choice for choice in slot.choices if near[0] in choice.spoken)
            yield _span(slot, choice.value, words, at, at + size, 2.0 + near[1] / 200)


def _numbers(slot: Slot, words: Sequence[str], at: int) -> Iterator[Span]:
    if words[at] == "one" and at and words[at - 1] in ("this", "that", "the", "which", "any", "no"):
        return
    if slot.kind is Kind.NUMBER:
        if (decimal := read_decimal(words, at)) is not None:
            yield _number(slot, decimal[0], words, at, decimal[1])
        return
    whole = read_number(words, at)
    if whole is None:
        return
    digits, end = read_digits(words, at)
    if end > whole[1] and len(digits) <= 12 and _within(slot, int(digits)):  # "four two seven" for a number
        yield _number(slot, int(digits), words, at, end)
    yield _number(slot, whole[0], words, at, whole[1])


def _number(slot: Slot, value: float, words: Sequence[str], at: int, end: int) -> Span:
    shown = int(value) if slot.kind is Kind.INTEGER else value
    return _span(slot, shown, words, at, end, 1.0 + 0.1 * (end - at), fits=_within(slot, value))


def _within(slot: Slot, value: float) -> bool:
    return (slot.low is None or value >= slot.low) and (slot.high is None or value <= slot.high)


def _digits(slot: Slot, words: Sequence[str], at: int, *, asked: bool) -> Iterator[Span]:
    digits, end = read_digits(words, at)
    if not digits or (at and read_digits(words, at - 1)[1] >= end):  # only the whole run
        return
    if at and words[at - 1] in DIGITS_ALIKE and not _within(slot, len(digits)) and _within(slot, len(digits) + 1):
        at, digits = (
            at - 1,
            read_digits((DIGITS_ALIKE[words[at - 1]],), 0)[0] + digits,
        )  # one short: "to oh nine six four"
    span = _span(slot, digits, words, at, end, 2.0 + 0.1 * len(digits), fits=_within(slot, len(digits)))
    if asked or len(digits) >= _FREE_DIGITS or span.strength > 3.0:
        yield span


_NAME_IS: Final = (
    ("my", "name", "is"), ("the", "name", "is"), ("name", "is"), ("the", "name", "of"), ("name", "of"),
    ("the", "name"), ("name",), ("this", "is"), ("i", "am"), ("under",), ("for",), ("by",), ("call", "me"),
)  # fmt: skip
_AFTER_A_NAME: Final = frozenset({"speaking", "calling", "today", *ACTIONS})
_WEAK_NAME_IS: Final = frozenset({("this", "is"), ("i", "am"), ("for",), ("by",), ("name",)})
"""Before these, only known first names are names."""


def _names(slot: Slot, words: Sequence[str], at: int) -> Iterator[Span]:
    known = words[at] in FIRST_NAMES
    for lead in _NAME_IS:
        if tuple(words[max(0, at - len(lead)) : at]) == lead and (known or lead not in _WEAK_NAME_IS):
            end = _end_of_name(words, at) if lead not in _WEAK_NAME_IS else _end_of_known(words, at)
            if end > at:
                yield Span(slot, _written_name(words[at:end]), at - len(lead), end, 3.5)
            return
    if known and not (at and words[at - 1] in FIRST_NAMES):
        end = _end_of_known(words, at)
        yield Span(slot, _written_name(words[at:end]), at, end, 2.0)


def _end_of_known(words: Sequence[str], at: int) -> int:
    return at + 2 if at + 1 < len(words) and words[at + 1] in LAST_NAMES else at + 1


def _end_of_name(words: Sequence[str], at: int) -> int:
    end = at
    if words[at] in ACTIONS and words[at] not in FIRST_NAMES:
        return at
    while end < len(words) and end - at < NAME_WORDS_LIMIT and is_own_word(words[end]):
        if end > at and words[end] in _AFTER_A_NAME:
            break
        end += 1
    return end


_NO_NAMES: Final = frozenset({"all", "none", "that", "nothing", "it"})
"""As in "no, that is all", whatever was asked."""


def is_own_word(word: str) -> bool:
    """May be part of a name: neither a word of the language's frame nor of numbers and days."""
    return not (
        word in FUNCTION_WORDS or word in _NO_NAMES or word in NUMBER_WORDS or word in DAY_WORDS or word[0].isdigit()
    )


def _written_name(words: Sequence[str]) -> str:
    return " ".join(word.capitalize() for word in words)


def _mention(slot: Slot, words: Sequence[str], at: int) -> Iterator[Span]:
    """``vegetarian: bool`` is true when the word is said, and false when "not" or "without" stands before it."""
    size = slot.spoken.count(" ") + 1
    if slot.spoken and " ".join(words[at : at + size]) == slot.spoken:
        denied = any(word in ("not", "no", "without") for word in words[max(0, at - 2) : at])
        yield Span(slot, not denied, at, at + size, 2.5)


def _span(
    slot: Slot, value: Any, words: Sequence[str], start: int, end: int, strength: float, *, fits: bool = True
) -> Span:
    """A span with its cue and unit; both speak for it."""
    before = start
    while before and start - before < 2 and words[before - 1] in SMALL_WORDS:
        before -= 1
    name = slot.spoken.split()
    for said in (name, name[-1:]) if name else ():
        for gap in (["is"], ["are"], []):
            lead = [*said, *gap]
            if lead and list(words[max(0, start - len(lead)) : start]) == lead:
                return _after(slot, value, words, start - len(lead), end, strength + 2.0, fits=fits)
    if before and words[before - 1] in slot.cues:
        return _after(slot, value, words, before - 1, end, strength + 1.5, fits=fits)
    return _after(slot, value, words, start, end, strength, fits=fits)


def _after(slot: Slot, value: Any, words: Sequence[str], start: int, end: int, strength: float, *, fits: bool) -> Span:
    for unit in slot.units:
        size = unit.count(" ") + 1
        if " ".join(words[end : end + size]) == unit:
            return Span(slot, value, start, end + size, strength + 2.0, fits)
    return Span(slot, value, start, end, strength, fits)
