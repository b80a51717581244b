"""What a recogniser should listen for on the calls of one agent: its sentences, and what may stand in their blanks.

Long lists are kept out of most sentences: there are 1,500 ways to say a day of the year, and a sentence that counts
each of them makes the list of all sentences long and the start of a session slow. Dates and rare times of day stand in
the answers to a question, and in one sentence of each intent.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from hashlib import sha256
from typing import Final

from offhook.dialogue.domain import Domain, Intent
from offhook.dialogue.general import PHRASES, General
from offhook.dialogue.language import FIRST_NAMES, LAST_NAMES, SAID_INSTEAD
from offhook.dialogue.phrasing import slot_phrases
from offhook.dialogue.slots import Kind, Slot
from offhook.dialogue.words import words
from offhook.recognisers import slots as heard
from offhook.recognisers.spoken import spoken
from offhook.recognisers.vocabulary import MAX_PATTERNS, Vocabulary

DIGITS_LIMIT: Final = 16
"""Digits in a row that are listened for."""

COUNT_LIMIT: Final = 100
"""Numbers without a limit of their own are listened for up to here, and digit by digit."""

_SMALL: Final = 100
_ROUND: Final = 10
"""Beyond the small numbers, those that this divides are listened for."""

_BLANK: Final = re.compile(r"\{([^{}]*)\}")
_ALL_DATES: Final = "all_dates"
_ALL_TIMES: Final = "all_times"
_ANSWERS: Final = (
    "{0}", "{0} please", "it is {0}", "make it {0}", "no {0}", "i said {0}", "i mean {0}", "it should be {0}",
    "it was {0}", "{0} would be fine", "i think {0}",
)  # fmt: skip
_ANSWERS_BY_KIND: Final = {
    Kind.CHOICE: (
        "the {0}", "the {0} please", "the {0} one", "it is the {0}", "it is for {0}", "my {0}", "for the {0}"
    ),
    Kind.NAME: ("it is for {0}", "it is under {0}", "under {0}", "this is {0}"),
    Kind.TIME: ("around {0}", "about {0}", "around {0} please", "at around {0}", "at {0} please"),
    Kind.DIGITS: ("the number is {0}", "it is number {0}"),
}  # fmt: skip
_OF_PEOPLE: Final = (
    "{0} of us", "for {0} of us", "there are {0} of us", "there will be {0} of us", "we are {0}", "just {0}",
    "just {0} of us", "we are {0} people", "the {0} of us", "{0} people please",
)  # fmt: skip

_TALK: Final = (
    "hello i would like to know", "hi i want to know", "good morning i would like to", "good evening i need",
    "good afternoon i want to", "hello i need", "i was wondering if", "i was wondering when", "i am calling about",
    "i am calling because", "could you tell me", "can you please tell me if", "do you have any", "is there any",
    "we would like to", "we need to", "we want to", "i have to", "i had to", "i can not", "i could not", "we can not",
    "i am afraid i can not", "i have got", "i have not got it", "it has not come", "it is still not here",
    "what should i do", "what do i have to do", "please do it now", "right now please", "for me please",
    "as soon as possible", "if possible", "if that is okay", "sorry i", "excuse me could you", "let me see",
    "it is about my", "i still do not have", "i am still waiting for", "i already have", "i do not need it any more",
    "i do not want it any more", "i changed my mind", "something has happened", "how much is", "how much would it be",
    "somebody", "someone", "anybody", "there is something wrong with", "and i want to", "and i would like to",
    "because i", "but i", "so i would like to",
)  # fmt: skip
"""How requests begin and end, whatever they are for. Without these words a recogniser writes down others of ours."""

_SHORT_FORMS: Final = {
    "do not": "don't",
    "did not": "didn't",
    "can not": "can't",
    "i am": "i'm",
    "i would": "i'd",
    "it is": "it's",
    "that is": "that's",
    "what is": "what's",
    "where is": "where's",
    "when is": "when's",
}


class Sort(Enum):
    """What a sentence does in a dialogue."""

    YES_OR_NO = auto()
    GENERAL = auto()
    """What every caller may say besides: "say that again", "a human please"."""
    TALK = auto()
    REQUEST = auto()
    ANSWER = auto()
    """It gives a value, and nothing more."""


@dataclass(frozen=True, slots=True)
class Theme:
    """What a sentence is about."""

    sort: Sort
    intent: str = ""
    """What it asks for."""
    key: str = ""
    """See ``key_of``: what the value is that it gives."""


@dataclass(frozen=True, slots=True)
class Sayings:
    """All that is listened for on the calls of one agent."""

    themes: Mapping[str, tuple[Theme, ...]]
    """By sentence. One may be about several things."""
    slots: Mapping[str, heard.Slot]
    """For the blanks in the sentences."""

    def blanks_of(self, pattern: str) -> list[str]:
        """The names of its slots."""
        return _BLANK.findall(pattern)


def key_of(slot: heard.Slot) -> str:
    """The same for slots in which the same may be said, whatever they are for."""
    content = f"{slot.kind} {slot.least} {slot.most} {sorted(slot.meanings)}"
    return sha256(content.encode()).hexdigest()


def listen_for(domain: Domain) -> Vocabulary:
    """The vocabulary of an agent, each sentence as likely as any. Raises RecogniserError if it has too many words."""
    sayings = sayings_of(domain)
    return Vocabulary(sayings.themes, sayings.slots)


def sayings_of(domain: Domain) -> Sayings:
    """What callers may say, and what for."""
    slots: dict[str, heard.Slot] = {}
    told: list[tuple[str, Theme]] = []
    for general, phrases in PHRASES.items():
        sort = Sort.YES_OR_NO if general in (General.YES, General.NO) else Sort.GENERAL
        told += [(phrase, Theme(sort)) for phrase in phrases]
    told += [(" ".join(words(example)), Theme(Sort.REQUEST)) for example in domain.examples]
    told += [(talk, Theme(Sort.TALK)) for talk in _TALK]
    intents = [*domain.intents.values(), *((domain.transfer,) if domain.transfer else ())]
    share = (MAX_PATTERNS - len(told)) // max(1, len(intents))
    for intent in intents:
        blanks = _blanks(intent)
        slots |= blanks
        kept: dict[str, None] = {}
        for pattern, theme in _said_for(intent, blanks):
            if pattern in kept or len(kept) < share:
                kept[pattern] = None
                told.append((pattern, theme))
    # Rarer days and times answer the questions that the common ones answer.
    for name, common in ((_ALL_DATES, heard.weekday()), (_ALL_TIMES, _common_times())):
        if name in slots:
            told.append((f"{{{name}}}", Theme(Sort.ANSWER, key=key_of(common))))
    told += [(short, theme) for pattern, theme in told if (short := _shortened(pattern)) != pattern]
    themes: dict[str, dict[Theme, None]] = {}
    for pattern, theme in told:
        if pattern and (pattern in themes or len(themes) < MAX_PATTERNS):
            themes.setdefault(pattern, {})[theme] = None
    used = {name for pattern in themes for name in _BLANK.findall(pattern)}
    return Sayings(
        {pattern: tuple(each) for pattern, each in themes.items()},
        {name: slot for name, slot in slots.items() if name in used},
    )


def _said_for(intent: Intent, blanks: dict[str, heard.Slot]) -> Iterator[tuple[str, Theme]]:
    """The most telling first: there may not be room for all."""
    request = Theme(Sort.REQUEST, intent.name)
    answers = {
        slot: Theme(Sort.ANSWER, intent.name, key_of(blanks[name]))
        for slot in intent.slots
        if (name := f"{intent.name}.{slot.name}") in blanks
    }
    for told in _sentences(intent, intent.given, blanks):
        yield told, request
    for slot, theme in answers.items():
        yield f"{{{intent.name}.{slot.name}}}", theme
    for told in _sentences(intent, intent.patterns, blanks):
        yield told, request
    for slot, theme in answers.items():
        for told in _sentences(intent, _answers(slot), blanks):
            yield told, theme
    for told in _sentences(intent, _renamed(intent), blanks):
        yield told, request


def _sentences(intent: Intent, told: Iterable[str], blanks: dict[str, heard.Slot]) -> Iterator[str]:
    """Each sentence with blanks that the vocabulary knows; from a blank of free text on, a sentence is left away."""
    for sentence in told:
        kept: list[str] = []
        for number, part in enumerate(_BLANK.split(sentence)):
            name = f"{intent.name}.{part}"
            if number % 2 == 0:
                kept.append(part)
            elif name in blanks:
                kept.append(f"{{{name}}}")
            else:
                break
        if pattern := " ".join("".join(kept).split()):
            yield pattern


def _renamed(intent: Intent) -> Iterator[str]:
    """The sentences with other names for the things in them."""
    for pattern in intent.patterns:
        parts = pattern.split()
        for at, part in enumerate(parts):
            # "order a pizza" is no parcel: things have something before them.
            if at and parts[at - 1] not in ("to", "i", "you"):
                yield from (" ".join((*parts[:at], name, *parts[at + 1 :])) for name in SAID_INSTEAD.get(part, ()))


def _shortened(pattern: str) -> str:
    """ "i don't know" for "i do not know", as most people say it."""
    for full, short in _SHORT_FORMS.items():
        pattern = re.sub(rf"\b{full}\b", short, pattern)
    return pattern


def _answers(slot: Slot) -> Iterator[str]:
    """What is said when a value is asked for, or put right."""
    blank = f"{{{slot.name}}}"
    answers = (*_ANSWERS, *_ANSWERS_BY_KIND.get(slot.kind, ()), *(_OF_PEOPLE if "people" in slot.units else ()))
    yield from (answer.replace("{0}", blank) for answer in answers)
    yield from slot_phrases(slot)
    yield from (f"no {phrase}" for phrase in slot_phrases(slot))
    if slot.spoken:
        yield f"my {slot.spoken} is {blank}"
        yield f"the {slot.spoken} is {blank}"


def _blanks(intent: Intent) -> dict[str, heard.Slot]:
    blanks: dict[str, heard.Slot] = {}
    for slot in intent.slots:
        if (kind := _heard(slot)) is not None:
            blanks[f"{intent.name}.{slot.name}"] = kind
        if slot.kind in (Kind.DATE, Kind.DAY) or slot.of_days:
            blanks[_ALL_DATES] = heard.date()
        elif slot.kind is Kind.TIME:
            blanks[_ALL_TIMES] = heard.clock_time()
    return blanks


def _heard(slot: Slot) -> heard.Slot | None:
    match slot.kind:
        case Kind.CHOICE:
            forms = {form: form for choice in slot.choices for form in choice.spoken}
            days = dict(heard.weekday().meanings) if slot.of_days else {}
            return heard.Slot("choice", {**days, **_pronounceable(forms)})
        case Kind.INTEGER if slot.spoken.endswith(("number", "id", "code")):
            return heard.digits(1, DIGITS_LIMIT)
        case Kind.INTEGER | Kind.NUMBER:
            low = max(0, int(slot.low or 0))
            high = min(int(slot.high) if slot.high is not None else COUNT_LIMIT, low + heard.MAX_MEANINGS // 4)
            return _numbers(low, max(low, high))
        case Kind.DIGITS:
            least = max(1, min(DIGITS_LIMIT, int(slot.low or 1)))
            return heard.digits(least, max(least, min(DIGITS_LIMIT, int(slot.high or DIGITS_LIMIT))))
        case Kind.DATE | Kind.DAY:
            return heard.weekday()
        case Kind.TIME:
            return _common_times()
        case Kind.NAME:
            return _names()
    return None


def _pronounceable(forms: dict[str, str]) -> dict[str, str]:
    """Keys as the recogniser writes words."""
    return {said: value for form, value in forms.items() if (said := spoken(form))}


@cache
def _numbers(low: int, high: int) -> heard.Slot:
    """Of the large ones, the round ones: the others are said with the same words."""
    meanings = heard.number(low, high).meanings
    common = {said: value for said, value in meanings.items() if int(value) <= _SMALL or int(value) % _ROUND == 0}
    return heard.Slot("number", common or meanings)


@cache
def _common_times() -> heard.Slot:
    """Hours and half hours, with and without the half of the day."""
    common = {
        said: value
        for said, value in heard.clock_time().meanings.items()
        if value.endswith((":00", ":30")) or (value.endswith((":15", ":45")) and ("past" in said or " to " in said))
    }
    return heard.Slot("clock_time", common)


@cache
def _names() -> heard.Slot:
    names = [*FIRST_NAMES, *LAST_NAMES]
    both = [f"{first} {LAST_NAMES[at % len(LAST_NAMES)]}" for at, first in enumerate(FIRST_NAMES)]
    return heard.choice((*names, *both), kind="name")
