"""What may stand in a slot of an example sentence: the words that are said, and what each of them means.

>>> number(1, 20).read("twelve")
'12'
>>> digits(3, 8).read("four two double seven")
'4277'
>>> clock_time().read("half past seven in the evening")
'19:30'

Values are text, as a tool's argument in JSON would hold it; the kinds below say how they write them.
"""

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from types import MappingProxyType

from offhook.errors import RecogniserError
from offhook.recognisers.spoken import MAX_CARDINAL, cardinal, ordinal, spoken

MAX_MEANINGS = 5000
"""Ways of saying in one slot. With more, the model is slow to build, and every name sounds like another."""

MAX_MEANING_CHARS = 500

MAX_UNITS = 32
"""Digits, or the like, in a row."""

_ROWS = 200
"""Rows of digits that stand for all of them in the language model, at least."""

_SAID = re.compile(r"[a-z]+(?:'[a-z]+)*(?: [a-z]+(?:'[a-z]+)*)*")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a sentence, and all that can be said there.

    ``least`` to ``most`` of the ``meanings`` follow one another, and their values are joined: digits. For most kinds
    both are 1. RecogniserError if there is nothing to say, too much, what cannot be said, or the counts make no sense.
    """

    kind: str
    meanings: Mapping[str, str]
    """From the words, as ``spoken`` writes them, to the value."""
    least: int = 1
    most: int = 1

    def __post_init__(self) -> None:
        if not 1 <= len(self.meanings) <= MAX_MEANINGS:
            raise RecogniserError(
                "vocabulary", f"slot {self.kind} has {len(self.meanings)} meanings; 1 to {MAX_MEANINGS} are allowed"
            )
        if not 1 <= self.least <= self.most <= MAX_UNITS:
            raise RecogniserError(
                "vocabulary", f"slot {self.kind} wants {self.least} to {self.most} units; 1 to {MAX_UNITS} are allowed"
            )
        for words in self.meanings:
            if len(words) > MAX_MEANING_CHARS or not _SAID.fullmatch(words):
                raise RecogniserError(
                    "vocabulary",
                    f"slot {self.kind}: {words[:40]!r} is not said like that;"
                    f" small letters, apostrophes and single blanks, {MAX_MEANING_CHARS} at most, are allowed",
                )
        object.__setattr__(self, "meanings", MappingProxyType(dict(self.meanings)))  # most slots are shared

    def read(self, words: str) -> str | None:
        """What these words mean here; None if they are not all of what can be said in this slot."""
        if self.most == 1:
            return self.meanings.get(words)
        longest = max(key.count(" ") + 1 for key in self.meanings)
        rest, values = words.split(), list[str]()
        while rest:
            for length in range(min(longest, len(rest)), 0, -1):
                if (value := self.meanings.get(" ".join(rest[:length]))) is not None:
                    values.append(value)
                    del rest[:length]
                    break
            else:
                return None
        return "".join(values) if self.least <= len(values) <= self.most else None

    @property
    def count(self) -> int:
        """How many ``sayings`` there are."""
        return len(self.meanings) if self.most == 1 else max(_ROWS, len(self.meanings))

    def sayings(self, chance: random.Random) -> list[str]:
        """Every meaning at least once, in words; in rows of random length, of random others, if this kind has rows."""
        units = list(self.meanings)
        if self.most == 1:
            return units
        # Of units of one word there are more: "four four" is commoner than "double four".
        weights = [4.0 ** -unit.count(" ") for unit in units]
        rows = [chance.choices(units, weights, k=chance.randint(self.least, self.most)) for _ in range(self.count)]
        for row, unit in zip(rows, units, strict=False):
            row[chance.randrange(len(row))] = unit
        return [" ".join(row) for row in rows]


def choice(values: Iterable[str], kind: str = "choice") -> Slot:
    """One of some values, each said as it is written; those with no sound in them are left out."""
    return Slot(kind, {words: value for value in values if (words := spoken(value))})


@lru_cache(maxsize=32)
def number(low: int = 0, high: int = 100) -> Slot:
    """A whole number: ``12``. "A hundred" and "one hundred and five" are understood too.

    RecogniserError if one of them is below 0 or above MAX_CARDINAL, or if there are too many.
    """
    if low < 0 or high > MAX_CARDINAL:
        raise RecogniserError("vocabulary", f"numbers from {low} to {high}; 0 to {MAX_CARDINAL} are allowed")
    meanings: dict[str, str] = {}
    for each in range(low, min(high, low + MAX_MEANINGS) + 1):
        words = cardinal(each)
        for saying in (words, _AND.sub("hundred and ", words)):
            meanings[saying] = str(each)
            if 100 <= each < 200:
                meanings[f"a{saying.removeprefix('one')}"] = str(each)
    return Slot("number", meanings)


_AND = re.compile("hundred (?!thousand|million)")


@cache
def digits(least: int = 1, most: int = 16) -> Slot:
    """Digits one by one, "double" and "oh" among them: ``4277``."""
    ones = {cardinal(digit): str(digit) for digit in range(10)} | {"oh": "0"}
    doubles = {f"double {word}": digit * 2 for word, digit in ones.items()}
    return Slot("digits", ones | doubles, least, most)


@cache
def weekday() -> Slot:
    """A day by its name, or seen from today: ``friday``, ``next friday``, ``tomorrow``."""
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    meanings = {name: name for name in (*names, "today", "tonight", "tomorrow", "the day after tomorrow")}
    for name in names:
        meanings |= {f"this {name}": name, f"{name} night": name, f"{name} evening": name}
        meanings[f"next {name}"] = f"next {name}"
    return Slot("weekday", meanings)


_MONTHS = {
    "january": 31,
    "february": 29,
    "march": 31,
    "april": 30,
    "may": 31,
    "june": 30,
    "july": 31,
    "august": 31,
    "september": 30,
    "october": 31,
    "november": 30,
    "december": 31,
}


@cache
def date() -> Slot:
    """A day of the year: ``05-03`` for the third of May, in each of the usual orders."""
    meanings: dict[str, str] = {}
    for month, (name, length) in enumerate(_MONTHS.items(), start=1):
        for day in range(1, length + 1):
            value, rank = f"{month:02}-{day:02}", ordinal(day)
            for words in (f"{name} {rank}", f"{name} the {rank}", f"the {rank} of {name}", f"{rank} of {name}"):
                meanings[words] = value
    return Slot("date", meanings)


_HALVES = {
    "": None,
    "a m": 0,
    "in the morning": 0,
    "p m": 12,
    "in the afternoon": 12,
    "in the evening": 12,
    "at night": 12,
}


@cache
def clock_time() -> Slot:
    """A time of day in steps of five minutes: ``19:30`` if the half of the day was said, ``7:30`` if it was not."""
    meanings = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
    for hour, minute in product(range(1, 13), range(0, 60, 5)):
        for words, (half, add) in product(_clock_words(hour, minute), _HALVES.items()):
            value = f"{hour}:{minute:02}" if add is None else f"{hour % 12 + add:02}:{minute:02}"
            meanings[f"{words} {half}".rstrip()] = value
    return Slot("clock_time", meanings)


def _clock_words(hour: int, minute: int) -> list[str]:
    now, after = cardinal(hour), cardinal(hour % 12 + 1)
    match minute:
        case 0:
            return [now, f"{now} o'clock"]
        case 5:
            return [f"{now} oh five", f"five past {now}"]
        case 15:
            return [f"{now} fifteen", f"quarter past {now}", f"a quarter past {now}"]
        case 30:
            return [f"{now} thirty", f"half past {now}"]
        case 45:
            return [f"{now} forty five", f"quarter to {after}", f"a quarter to {after}"]
        case _ if minute < 30:
            return [f"{now} {cardinal(minute)}", f"{cardinal(minute)} past {now}"]
        case _:
            return [f"{now} {cardinal(minute)}", f"{cardinal(60 - minute)} to {after}"]
