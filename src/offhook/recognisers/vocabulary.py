"""What a caller may say, from examples with slots.

>>> from offhook.recognisers import slots
>>> vocabulary = Vocabulary(
...     ["book a table for {guests} on {day}", "what are your opening hours", "{guests} people"],
...     {"guests": slots.number(1, 20), "day": slots.weekday()},
... )

A recogniser takes it as it needs it: as a list of words, as sentences to count, as hints. Words may follow one another
in any order; the examples say which orders are likely. Values, compared and cached by ``digest``.
"""

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import chain, islice
from math import inf, prod
from types import MappingProxyType
from typing import NamedTuple

from offhook.errors import RecogniserError
from offhook.recognisers import small_talk as small_talks
from offhook.recognisers.slots import Slot
from offhook.recognisers.spoken import spoken

MAX_PATTERNS = 2000
MAX_PATTERN_CHARS = 500
MAX_WORDS = 5000
"""Different words. More make a recogniser slow, and deaf to the difference between them."""

MAX_SENTENCES = 500_000
"""That come of the patterns: each has as many as its largest slot has meanings. The model of so many takes 4 s."""

MANY_WORDS = 100
"""In a slot with so many different words it says little which of them it is: see ``members``."""

_PAIRINGS = 200
"""So many combinations of the values of a sentence with two slots or more, at least, if there are that many."""

_SLOT = re.compile(r"\{([^{}]*)\}")


class Sentence(NamedTuple):
    """One of many that could be made of a pattern."""

    words: tuple[str, ...]
    weight: float
    is_drawn: bool
    """There are digits or the like in it, drawn by lot: that one follows another in it means nothing."""


class Vocabulary:
    """Example sentences, and what their slots hold. Case, digits and punctuation are as ``spoken`` reads them.

    With ``small_talk`` the words that come with any request are listened for too; leave it out where only a few short
    answers make sense. RecogniserError for a slot that is not given, for no words at all, and beyond the limits above.
    """

    __slots__ = ("_sequences", "_small_talk", "digest", "members", "patterns", "slots", "weights", "words")

    def __init__(
        self,
        patterns: Iterable[str],
        slots: Mapping[str, Slot] | None = None,
        *,
        small_talk: bool = True,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self.patterns: tuple[str, ...] = tuple(dict.fromkeys(islice(patterns, MAX_PATTERNS + 1)))
        """As they were given, each once; without the small talk."""
        self.slots: Mapping[str, Slot] = MappingProxyType(dict(slots or {}))
        self.weights: Mapping[str, float] = MappingProxyType(dict(weights or {}))
        """By pattern: how often each is said. What is not in it weighs 1."""
        if any(not 0 < weight < inf for weight in self.weights.values()):
            raise RecogniserError("vocabulary", "a weight is not above 0")
        if len(self.patterns) > MAX_PATTERNS:
            raise RecogniserError("vocabulary", f"more than {MAX_PATTERNS} example sentences")
        self._sequences = [(pattern, self._sequence(pattern, self.slots)) for pattern in self.patterns]
        talk = small_talks.PATTERNS if small_talk else ()
        self._small_talk = [(pattern, self._sequence(pattern, small_talks.SLOTS)) for pattern in talk]
        own_words = _words(sequence for _, sequence in self._sequences)
        words = own_words | _words(sequence for _, sequence in self._small_talk)
        if not own_words:
            raise RecogniserError("vocabulary", "there is not one word in the examples")
        if len(words) > MAX_WORDS:
            raise RecogniserError("vocabulary", f"{len(words)} different words; {MAX_WORDS} are allowed")
        count = sum(_count(sequence) for _, sequence in self._sequences)
        if count > MAX_SENTENCES:
            raise RecogniserError("vocabulary", f"{count} sentences come of the patterns; {MAX_SENTENCES} may")
        self.words: tuple[str, ...] = tuple(sorted(words))
        """All of them, each once, in alphabetical order."""
        self.members: Mapping[str, int] = MappingProxyType(_members(self.slots.values()))
        """The words of slots with MANY_WORDS and more, and of how many they are one: names. That each of them is rare
        says nothing about whether a sentence with one is a likely sentence."""
        self.digest: str = self._digest()
        """The same for the same patterns and slots, in any process; what the slots' words mean makes no difference."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self.patterns)} patterns, {len(self.words)} words, {self.digest[:8]})"

    def sentences(self) -> Iterator[Sentence]:
        """What may be said. Each pattern weighs its weight in all, each value of its slots comes at least once.

        The same in every process: chance is seeded with the pattern.
        """
        total = 0.0
        for pattern, sequence in self._sequences:
            weight = self.weights.get(pattern, 1.0)
            total += weight
            yield from _expanded(pattern, sequence, weight=weight)
        for pattern, sequence in self._small_talk:
            yield from _expanded(pattern, sequence, weight=small_talks.SHARE * total / len(self._small_talk))

    @staticmethod
    def _sequence(pattern: str, slots: Mapping[str, Slot]) -> list[str | Slot]:
        if len(pattern) > MAX_PATTERN_CHARS:
            raise RecogniserError("vocabulary", f"{pattern[:40]!r}…: more than {MAX_PATTERN_CHARS} characters")
        sequence: list[str | Slot] = []
        for number, part in enumerate(_SLOT.split(pattern)):
            if number % 2 == 0:
                sequence.append(spoken(part))
            elif (slot := slots.get(part)) is not None:
                sequence.append(slot)
            else:
                known = ", ".join(slots) or "none"
                raise RecogniserError("vocabulary", f"{pattern!r}: no slot {part!r} is given; there are: {known}")
        return sequence

    def _digest(self) -> str:
        content = sha256()
        for pattern, sequence in (*self._sequences, *self._small_talk):
            content.update(f"{pattern!r} {self.weights.get(pattern, 1.0):.6g}\n".encode())
            for slot in sequence:
                if isinstance(slot, Slot):
                    content.update(f"{slot.least} {slot.most} {sorted(slot.meanings)}\n".encode())
        return content.hexdigest()


def _words(sequences: Iterable[list[str | Slot]]) -> set[str]:
    words = set[str]()
    for part in chain.from_iterable(sequences):
        for saying in (part,) if isinstance(part, str) else part.meanings:
            words.update(saying.split())
    return words


def _members(slots: Iterable[Slot]) -> dict[str, int]:
    members: dict[str, int] = {}
    for slot in slots:
        words = _words([[slot]])
        if len(words) >= MANY_WORDS:
            members |= {word: max(len(words), members.get(word, 0)) for word in words}
    return members


def _count(sequence: list[str | Slot]) -> int:
    sizes = [1 if isinstance(part, str) else part.count for part in sequence]
    return max([min(prod(sizes), _PAIRINGS), *sizes])


def _expanded(pattern: str, sequence: list[str | Slot], weight: float) -> Iterator[Sentence]:
    chance = random.Random(pattern.encode("utf-8", "surrogatepass"))
    is_drawn = any(isinstance(part, Slot) and part.most > 1 for part in sequence)
    columns = [[part] if isinstance(part, str) else part.sayings(chance) for part in sequence]
    rows = _count(sequence)
    for row in range(rows):
        parts = []
        for column in columns:
            # Anew in each round: lengths with a common divisor would always bring the same pairs together.
            if row % len(column) == 0:
                chance.shuffle(column)
            parts.append(column[row % len(column)])
        if words := tuple(" ".join(parts).split()):
            yield Sentence(words, weight / rows, is_drawn)
