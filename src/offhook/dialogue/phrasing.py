"""Sentences with which a caller may ask for a tool, made of its name and its docstring.

"opening_hours(day)", "When we are open." gives "what are the opening hours on {day}", "when are you open"; and
"book_table(guests, time)" gives "i would like to book a table for {guests} at {time}". Blanks are named as the slots.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from offhook.dialogue.language import ABSTRACT_NOUNS, ACTIONS, INQUIRIES, PARTICLES, SPOKEN_VERBS
from offhook.dialogue.parameters import PEOPLE
from offhook.dialogue.slots import Kind, Slot
from offhook.dialogue.words import name_words, words

PHRASES_LIMIT: Final = 60
"""Sentences of one tool. More make a recogniser no better, and its start slower."""

SLOTS_IN_A_SENTENCE: Final = 5
"""Blanks in one sentence."""

_CUT_AT: Final = frozenset(
    {"for", "by", "with", "using", "given", "from", "on", "at", "in", "to", "via", "under", "and", "or", "if", "when"}
    | {"which", "that", "so", "then", "after", "before", "until", "based", "about", "as", "where", "because"}
)
"""Of a docstring's sentence, what stands before these is the heart of it."""

_CLAUSE_WORDS: Final = 8
"""A docstring's sentence is not spoken further than this."""

_QUESTION_WORDS: Final = frozenset({"when", "what", "where", "how", "who", "which", "why", "whether", "if"})
_AUXILIARIES: Final = frozenset({"is", "are", "was", "were", "can", "will", "has", "have", "may", "must", "should"})
_DETERMINERS: Final = frozenset({"a", "an", "the", "my", "your", "our", "their", "its", "his", "her", "all", "some"})
_BRINGING: Final = INQUIRIES - {"check", "find", "track", "calculate", "search", "locate", "estimate", "compute"}
"""Verbs that are not spoken of: callers ask for the thing, and not to have it fetched."""
_MEANT_FOR_THE_CALLER: Final = frozenset({"caller", "callers", "customer", "customers", "user", "users", "client"})
_TURNED: Final = {"we": "you", "our": "your", "us": "you", "i": "you", "their": "my", "his": "my", "they": "i"}


@dataclass(frozen=True, slots=True)
class Phrasing:
    """How a tool is spoken of, and asked for."""

    does: str
    """What the agent says it can do: "book a table", "connect you", "tell you the opening hours"."""
    wants: str
    """What a caller wants who asks for it: "book a table", "be connected", "know the opening hours"."""
    inquires: bool
    """It only tells something, as far as its words say, so it may well be done again."""
    phrases: tuple[str, ...]


def phrase(name: str, description: str, slots: Sequence[Slot]) -> Phrasing:
    """The phrasing of a tool. ``description`` is its docstring, of which the first sentence counts."""
    told = _first_sentence(description)
    verb = _verb_phrase(name_words(name), told)
    if verb:
        phrases = [*_commands(verb, slots), *_questions(told)]
        does = " ".join({"me": "you", "my": "your"}.get(word, word) for word in verb)
        wants = f"be {_participle(verb[0])}" if verb[1:] == ["me"] else does
        return Phrasing(does, wants, verb[0] in INQUIRIES, _limited(phrases))
    thing = list(_thing(name_words(name), told))
    question = told[: _cut(told)] if told and told[0] in _QUESTION_WORDS else []
    heart = " ".join(question or _determined(thing))
    phrases = [*_inquiries(thing, slots), *_questions(told, slots)]
    return Phrasing(f"tell you {heart}", f"know {heart}", True, _limited(phrases))


def slot_phrases(slot: Slot) -> tuple[str, ...]:
    """How a value is added to a sentence, with the blank in its place: "for {guests}", "{guests} people"."""
    blank = f"{{{slot.name}}}"
    if slot.kind is Kind.YES_NO:
        return (f"with {slot.spoken}",) if slot.spoken else ()
    if slot.kind is Kind.NAME:
        return f"for {blank}", f"under the name {blank}", f"my name is {blank}"
    if slot.kind in (Kind.DATE, Kind.DAY) or slot.of_days:
        return (f"{slot.cues[0]} {blank}", blank) if slot.cues and slot.cues[0] != "on" else (f"on {blank}", blank)
    if slot.kind is Kind.TIME:
        return (f"{slot.cues[0] if slot.cues else 'at'} {blank}",)
    if slot.kind is Kind.INTEGER and PEOPLE & set(slot.spoken.split()):
        return f"for {blank}", f"for {blank} people"
    if slot.units and slot.kind is not Kind.CHOICE:
        return f"{blank} {slot.units[0]}", f"for {blank} {slot.units[0]}"
    if slot.kind is Kind.CHOICE:
        return (f"{slot.cues[0]} {blank}",) if slot.cues else (blank, f"for {blank}")
    if slot.cues:
        return (f"{slot.cues[0]} {blank}",)
    if slot.kind is Kind.DIGITS:
        named = (f"{slot.spoken} {blank}", f"my {slot.spoken} is {blank}")
        return (f"number {blank}", *named) if slot.spoken.endswith("number") else named
    return f"{slot.spoken} {blank}", f"{slot.spoken} to {blank}", f"the {slot.spoken} is {blank}"


def with_openings(sentence: str) -> list[str]:
    """A command, and the ways of asking for it politely."""
    openings = ("", "i want to ", "i would like to ", "i'd like to ", "can i ", "can you ", "could you ", "i need to ")
    return [f"{opening}{sentence}" for opening in openings] + [f"please {sentence}"]


def _limited(phrases: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(each.split()) for each in phrases if each))[:PHRASES_LIMIT]


def _first_sentence(text: str) -> list[str]:
    end = len(text)
    for mark in (". ", ".\n", "\n\n", "; ", ": ", "! ", "? "):
        if (at := text.find(mark)) >= 0:
            end = min(end, at)
    return list(words(text[:end]))[:24]


def _cut(told: Sequence[str]) -> int:
    """Where the heart of a sentence ends. The first two words always belong to it, of a short question five."""
    if not told:
        return 0
    least = 5 if told[0] in _QUESTION_WORDS and len(told) <= _CLAUSE_WORDS else 2
    return next((at for at in range(least, len(told)) if told[at] in _CUT_AT), min(len(told), _CLAUSE_WORDS))


def _base(verb: str) -> str:
    """ "books" as "book"."""
    known = ACTIONS | INQUIRIES
    for form in (verb, verb.removesuffix("s"), verb.removesuffix("es"), verb.removesuffix("ies") + "y"):
        if form in known:
            return form
    return verb


def _verb_phrase(name: Sequence[str], told: Sequence[str]) -> list[str]:
    """ "book a table", or nothing if the tool is named after a thing."""
    verbs = (ACTIONS | INQUIRIES) - _BRINGING
    verb = name[0] if name and name[0] in verbs else ""
    first = _base(told[0]) if told else ""
    is_thing = bool(name) and name[-1] in ABSTRACT_NOUNS
    if verb in ACTIONS and is_thing and first != verb:
        return []  # the status of an order, and not to order a status
    if first in verbs and (first == verb or not (verb or is_thing)):
        return [first, *(_own(told[1 : _cut(told)]) or _with_article(name[1:]))]
    if not verb:
        return []
    rest = list(name[1:])
    particle = [rest.pop(0)] if len(rest) > 1 and rest[0] in PARTICLES else []
    return [verb, *particle, *_with_article(rest)]


def _thing(name: Sequence[str], told: Sequence[str]) -> Sequence[str]:
    """ "opening hours": what is asked for."""
    rest = list(name)
    while len(rest) > 1 and (rest[0] in _BRINGING or rest[0] in PARTICLES):
        rest = rest[1:]
    if rest and rest[0] not in INQUIRIES:
        return rest
    heart = list(told[1 : _cut(told)]) if told and _base(told[0]) in INQUIRIES else list(told[: _cut(told)])
    while heart and (heart[0] in _DETERMINERS or heart[0] in PARTICLES):
        heart = heart[1:]
    return _own(heart) or rest or ["answer"]


def _own(sentence: Sequence[str]) -> list[str]:
    """ "the caller" is me, and "the caller's order" my order. Their apostrophe is gone, so what follows decides."""
    own: list[str] = []
    for at, word in enumerate(sentence):
        if word not in _MEANT_FOR_THE_CALLER:
            own.append({"their": "my", "his": "my"}.get(word, word))
        elif at + 1 < len(sentence) and sentence[at + 1] not in _CUT_AT:
            own[-1:] = ["my"] if own and own[-1] in _DETERMINERS else [*own[-1:], "my"]
        elif own and own[-1] in _DETERMINERS:
            own[-1] = "me"
    while own and (own[-1] in _DETERMINERS or own[-1] in ("of", "to")):
        own.pop()
    return own


def _participle(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    return f"{verb}{verb[-1]}ed" if verb.endswith("er") and verb.startswith("trans") else f"{verb}ed"


def _with_article(thing: Sequence[str]) -> list[str]:
    if not thing or thing[0] in _DETERMINERS or _is_plural(thing):
        return list(thing)
    return ["an" if thing[0][0] in "aeiou" else "a", *thing]


def _determined(thing: Sequence[str]) -> list[str]:
    return list(thing) if thing and thing[0] in _DETERMINERS else ["the", *thing]


def _is_plural(thing: Sequence[str]) -> bool:
    return thing[-1].endswith("s") and not thing[-1].endswith(("ss", "us", "is"))


def _endings(slots: Sequence[Slot]) -> list[str]:
    """What may follow a sentence's heart: each value alone, then each pair, then all."""
    used = [slot for slot in slots if slot_phrases(slot)][:SLOTS_IN_A_SENTENCE]
    each = [ending for slot in used for ending in slot_phrases(slot)[:2]]
    firsts = [slot_phrases(slot)[0] for slot in used]
    whole = [" ".join(firsts)] if len(firsts) > 2 else []
    pairs = [" ".join(pair) for pair in permutations(firsts, 2)]
    return [*each, *whole, *pairs]


def _commands(verb: Sequence[str], slots: Sequence[Slot]) -> list[str]:
    heart = " ".join(verb)
    endings = _endings([slot for slot in slots if not _names_object(slot, verb)])
    told = with_openings(heart)
    thing = list(verb[1:])
    if thing and thing[0] in PARTICLES:
        thing = thing[1:]
    other = " ".join(thing[1:]) if thing and thing[0] in ("a", "an", "the", "my") else ""
    if other:
        told += [
            " ".join((*verb[: len(verb) - len(thing)], owner, other))
            for owner in ("my", "the", "a")
            if owner != thing[0]
        ]
    told += [f"{heart} {ending}" for ending in endings]
    told += [f"i would like to {heart} {ending}" for ending in endings[:8]]
    told += [f"{heart} to {{{slot.name}}}" for slot in slots if _names_object(slot, verb)]
    told += [" ".join((synonym, *verb[1:])) for synonym in SPOKEN_VERBS.get(verb[0], ())]
    if thing and thing[0] in ("a", "an") and verb[0] in _OBTAINING:
        wished = " ".join(thing)
        told += [f"i would like {wished}", f"i need {wished}", f"do you have {wished}"]
        told += [f"{wished} {ending}" for ending in endings[:8]]
    return told


def _names_object(slot: Slot, verb: Sequence[str]) -> bool:
    """The new address, of a tool that changes the address: it is said behind the whole."""
    return slot.kind is Kind.TEXT and slot.spoken.split()[-1:] != [] and slot.spoken.split()[-1] in verb[1:]


_OBTAINING: Final = frozenset(
    {"book", "order", "reserve", "buy", "rent", "arrange", "schedule", "request", "get", "hire"}
)
"""Who wants a table, wants to book one."""


def _inquiries(thing: Sequence[str], slots: Sequence[Slot]) -> list[str]:
    heart = " ".join(thing)
    if thing and thing[0] in _AUXILIARIES:  # is_car_ready
        owned = [" ".join((thing[0], owner, *thing[1:])) for owner in ("my", "the")]
        return [heart, *owned, *(f"{each} {ending}" for each in owned for ending in _endings(slots)[:3])]
    verb = "are" if thing and _is_plural(thing) else "is"
    endings = _endings(slots)
    told = [heart, *(f"what {verb} {owner} {heart}" for owner in ("the", "your", "my"))]
    told += [f"tell me the {heart}", f"can you tell me the {heart}", f"i would like to know the {heart}"]
    told += [f"check the {heart}", f"check my {heart}"]
    told += [f"{heart} {ending}" for ending in endings[:6]]
    told += [f"what {verb} the {heart} {ending}" for ending in endings[:6]]
    for key, sentences in _IDIOMS.items():
        if key in thing:
            rest = " ".join(word for word in thing if word != key)
            for sentence in sentences:
                if "*" in sentence and not rest:
                    continue
                asked = sentence.replace("*", rest)
                told += [asked, *(f"{asked} {ending}" for ending in endings[:3])]
    return told


_IDIOMS: Final = {
    "hours": (
        "when are you open",
        "are you open",
        "when do you open",
        "when do you close",
        "how long are you open",
        "what time do you open",
        "what time do you close",
        "until when are you open",
    ),
    "status": (
        "where is my *",
        "what about my *",
        "how is my *",
        "has my * been sent",
        "track my *",
        "check on my *",
        "can you check on my *",
        "when does my * arrive",
    ),
    "price": ("how much is the *", "how much does the * cost", "what does it cost", "how much is it", "how much are"),
    "prices": ("how much is it", "how much does it cost", "what does it cost", "how much are"),
    "cost": ("how much is the *", "how much does the * cost", "what does it cost", "how much is it", "how much are"),
    "balance": ("how much money do i have", "how much is in my account"),
    "address": ("where are you", "how do i find you"),
    "location": ("where are you", "how do i find you"),
    "menu": ("what do you have", "what is on the menu"),
    "weather": ("how is the weather", "what is the weather like"),
    "time": ("how long does it take",),
}
"""How people ask for some things without naming them; ``*`` is the rest of the name."""


def _questions(told: Sequence[str], slots: Sequence[Slot] = ()) -> list[str]:
    """A docstring such as "When we are open." as the caller's question: "when are you open"."""
    if len(told) < 3 or told[0] not in _QUESTION_WORDS:
        return []
    heart = [_TURNED.get(word, word) for word in told[: _cut(told)]]
    lead = [] if heart[0] in ("whether", "if") else heart[:1]
    rest = heart[1:]
    at = next((index for index, word in enumerate(rest) if word in _AUXILIARIES), None)
    if at is None:
        does = "does" if rest[0] in _DETERMINERS else "do"
        asked = [*lead, does, *rest] if rest[0] in ("you", "i") else []
    else:
        asked = [*lead, rest[at], *rest[:at], *rest[at + 1 :]]
    question = " ".join(asked)
    if not question:
        return []
    owned = [question.replace(" a ", f" {owner} ", 1) for owner in ("my", "the") if " a " in question]
    return [question, *owned, *(f"{question} {ending}" for ending in _endings(slots)[:4])]
