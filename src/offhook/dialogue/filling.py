"""The values of one intent in a sentence: which words belong to which slot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from offhook.dialogue.domain import Intent
from offhook.dialogue.language import FUNCTION_WORDS, SMALL_WORDS, stem
from offhook.dialogue.slots import Kind, Slot, Span, Surroundings, is_own_word, spans

ASKED_FOR: Final = 3.0
"""So much speaks for a value of the slot that was asked for."""

TEXT_LIMIT_WORDS: Final = 60
"""Words of one value of free text."""

NAME_WORDS_LIMIT: Final = 4
"""Words of an answer that may be nothing but a name."""

VALUES_LIMIT: Final = 20
"""Values of a slot that takes many."""


def _parted(*leads: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(lead.split()) for lead in leads)


_LEADS: Final = _parted("please", "it is", "that is", "it would be", "that would be", "i said", "i think it is", "just")
_NAME_LEADS: Final = _parted(
    "my name is", "the name is", "name is", "this is", "i am", "under the name of", "under the name", "under", "for",
    "call me", "it was",
)  # fmt: skip
_TEXT_LEADS: Final = _parted("tell them that", "tell them", "say that", "the message is")


@dataclass(frozen=True, slots=True)
class Filled:
    """The values found, and the places of their words."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """By slot."""
    covered: frozenset[int] = frozenset()
    """Places of words that belong to values, cues and units included."""
    beyond: tuple[str, ...] = ()
    """Slots for which only values beyond their limits were said."""


def fill(intent: Intent, words: Sequence[str], around: Surroundings, asked: str | None = None) -> Filled:
    """Give each slot the value for which most speaks; no word counts twice. ``asked``: the slot that was asked for."""
    values: dict[str, Any] = {}
    covered: set[int] = set()
    if (answer := _free_answer(intent, words, asked)) is not None:
        slot, start, end = answer
        covered |= set(range(start, end))
        _put(values, slot, _written(slot, words[start:end]))
    found: list[tuple[float, int, int, int, Span]] = []
    for order, slot in enumerate(intent.slots):
        is_asked = slot.name == asked
        for span in spans(slot, words, around, asked=is_asked):
            strength = span.strength + (ASKED_FOR if is_asked else 0.0)
            found.append((-strength, -(span.end - span.start), span.start, order, span))
    found.sort(key=lambda each: each[:4])
    beyond: dict[str, None] = {}
    for *_, span in found:
        name, places = span.slot.name, set(range(span.start, span.end))
        if places & covered or (name in values and not span.slot.many):
            continue
        covered |= places
        if not span.fits:
            beyond[name] = None
            continue
        _put(values, span.slot, span.value)
    for slot in intent.slots:
        if slot.name in values:
            continue
        if slot.kind is Kind.TEXT and (text := _framed(intent, slot, words, covered)) is not None:
            start, end = text
            covered |= set(range(start, end))
            _put(values, slot, _written(slot, words[start:end]))
    return Filled(values, frozenset(covered), tuple(name for name in beyond if name not in values))


def _put(values: dict[str, Any], slot: Slot, value: Any) -> None:
    if not slot.many:
        values[slot.name] = value
    elif value not in (told := values.setdefault(slot.name, [])) and len(told) < VALUES_LIMIT:
        told.append(value)


def _free_answer(intent: Intent, words: Sequence[str], asked: str | None) -> tuple[Slot, int, int] | None:
    """When a name or a text was asked for, all that is said is meant to be it."""
    slot = next((slot for slot in intent.slots if slot.name == asked and slot.kind in (Kind.TEXT, Kind.NAME)), None)
    place = _answer(slot, words) if slot is not None else None
    return (slot, *place) if slot is not None and place is not None else None


def _framed(intent: Intent, slot: Slot, words: Sequence[str], covered: set[int]) -> tuple[int, int] | None:
    """Where a text stands in a sentence: between the words that a pattern has around the blank."""
    best: tuple[int, int, int] | None = None
    own = {stem(word) for pattern in intent.patterns for word in pattern.split()}
    for lead, tail in _frames(intent, slot):
        at = _find(words, lead, 0)
        while len(lead) == 1 and at is not None and (later := _find(words, lead, at + 1)) is not None:
            at = later  # a single word may come before in another sense: "I want to change it to"
        if at is None:
            continue
        start = at + len(lead)
        end = _find(words, tail, start) if tail else None
        end = min(end if end is not None else len(words), start + TEXT_LIMIT_WORDS)
        end = next((place for place in range(start, end) if place in covered), end)
        while end > start and words[end - 1] in ("please", "on", "at", "for", "and"):
            end -= 1
        telling = any(word not in FUNCTION_WORDS and stem(word) not in own for word in words[start:end])
        if telling and (best is None or len(lead) > best[0]):
            best = (len(lead), start, end)
    return (best[1], best[2]) if best is not None else None


def _frames(intent: Intent, slot: Slot) -> Iterator[tuple[list[str], list[str]]]:
    """The words just before and just after the slot's blank, in each pattern that has words before it."""
    blank = f"{{{slot.name}}}"
    for pattern in intent.patterns:
        parts = pattern.split()
        if blank in parts:
            at = parts.index(blank)
            lead, tail = _literals(parts[:at][::-1])[::-1], _literals(parts[at + 1 :])
            for start in range(len(lead)):
                if lead[start:] != lead[-1:] or lead[-1] not in SMALL_WORDS:
                    yield lead[start:], tail


def _literals(parts: Sequence[str]) -> list[str]:
    """The first words of ``parts``, at most three, up to a blank."""
    told: list[str] = []
    for part in parts[:3]:
        if part.startswith("{"):
            break
        told.append(part)
    return told


def _find(words: Sequence[str], wanted: Sequence[str], start: int) -> int | None:
    stems = [stem(word) for word in wanted]
    for at in range(start, len(words) - len(wanted) + 1):
        if [stem(word) for word in words[at : at + len(wanted)]] == stems:
            return at
    return None


def _answer(slot: Slot, words: Sequence[str]) -> tuple[int, int] | None:
    """An answer to a question for a name or a text, without the words that lead to it."""
    start, end = 0, len(words)
    leads = (*_LEADS, *(_NAME_LEADS if slot.kind is Kind.NAME else _TEXT_LEADS))
    leads += _parted(f"my {slot.spoken} is", f"the {slot.spoken} is")
    again = True
    while again:
        again = False
        for lead in leads:
            if tuple(words[start : start + len(lead)]) == lead and start + len(lead) < end:
                start, again = start + len(lead), True
    while end > start and words[end - 1] in ("please", "thanks"):
        end -= 1
    if start >= end:
        return None
    if slot.kind is Kind.NAME:
        told = words[start:end]
        spelt = len(told) > 2 and all(len(word) == 1 for word in told)
        if not spelt and (len(told) > NAME_WORDS_LIMIT or not all(is_own_word(word) for word in told)):
            return None
    elif all(word in FUNCTION_WORDS for word in words[start:end]):
        return None
    return start, min(end, start + TEXT_LIMIT_WORDS)


def _written(slot: Slot, words: Sequence[str]) -> str:
    if slot.kind is not Kind.NAME:
        return " ".join(words)
    if len(words) > 2 and all(len(word) == 1 for word in words):
        return "".join(words).capitalize()
    return " ".join(word.capitalize() for word in words)
