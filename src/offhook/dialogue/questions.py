"""What the agent asks: for a value, for another try, and whether it understood."""

from collections.abc import Mapping
from typing import Any, Final

from offhook.dialogue.domain import Domain, Intent
from offhook.dialogue.general import read_general
from offhook.dialogue.parameters import PEOPLE
from offhook.dialogue.phrasing import slot_phrases
from offhook.dialogue.slots import Kind, Slot
from offhook.dialogue.telling import tell_value
from offhook.dialogue.words import listed, sentence_case, words
from offhook.recognisers.spoken import cardinal

CHOICES_SAID: Final = 5
"""So many choices are named in a question."""

EXAMPLES_SAID: Final = 2
"""So many sentences are given as examples."""

DEEDS_SAID: Final = 6
"""So many things that the agent can do are named."""

QUESTION_WORDS_LIMIT: Final = 14
"""A description that is a question is asked as it is, if it has no more words."""

_OPENERS: Final = frozenset({"how", "which", "what", "when", "where", "who", "whose"})
_OF_THE_CALLER: Final = frozenset({"number", "id", "code", "pin", "name", "email", "phone", "address", "reference"})
_WHOSE: Final = frozenset({"name", "customer name", "caller name", "full name", "guest name", "your name", "user name"})
_NOT_ASKED: Final = frozenset({"caller", "customer", "user", "they", "should", "to"})


def ask(slot: Slot) -> str:
    """The question for a value."""
    told = words(slot.description)
    if told and told[0] == "how" and len(told) <= QUESTION_WORDS_LIMIT and not _NOT_ASKED & set(told):
        return _question(" ".join(told))
    name = slot.spoken or "value"
    match slot.kind:
        case Kind.DATE | Kind.DAY:
            return _ask_day(slot, name)
        case Kind.TIME:
            return "At what time?" if name in ("time", "when", "hour", "at") or "." in slot.name else _what(name)
        case Kind.INTEGER | Kind.NUMBER:
            return _ask_number(slot, name)
        case Kind.NAME:
            return "What is your name?" if name in _WHOSE else _what(name)
        case Kind.CHOICE if slot.of_days:
            return "On which day?"
        case Kind.CHOICE:
            return _ask_choice(slot, name)
        case Kind.YES_NO:
            return _question(f"{name}, yes or no")
    return _question(f"{slot.cues[0]} where") if name in ("from", "to") and slot.cues else _what(name)


def _ask_day(slot: Slot, name: str) -> str:
    if slot.cues and slot.cues[0] in ("from", "to"):
        return _question(f"{'from' if slot.cues[0] == 'from' else 'until'} which day")
    return "On which day?" if name in ("day", "date", "when", "weekday") or "." in slot.name else _what(name)


def _ask_number(slot: Slot, name: str) -> str:
    if PEOPLE & set(name.split()):
        return _question(f"for how many {name if name in PEOPLE - {'party'} else 'people'}")
    if name == "amount":
        return "How much?"
    if slot.units and slot.units[0] == name:
        return _question(f"how many {name}")
    return _what(name)


def _ask_choice(slot: Slot, name: str) -> str:
    asked = "where to" if name in ("to", "destination", "where") else f"which {name}"
    if len(slot.choices) > CHOICES_SAID:
        return _question(asked)
    return _question(f"{asked}: {listed([choice.spoken[0] for choice in slot.choices], 'or')}")


def _what(name: str) -> str:
    if name.startswith(("your ", "the ")):
        return _question(f"what is {name}")
    owner = "your" if name.split()[-1] in _OF_THE_CALLER else "the"
    return _question(f"what {'are' if name.endswith('s') and not name.endswith('ss') else 'is'} {owner} {name}")


def _question(text: str) -> str:
    return text[0].upper() + text[1:] + "?"


def hint(slot: Slot) -> str:
    """How to answer, for a caller who was not understood."""
    match slot.kind:
        case Kind.INTEGER | Kind.NUMBER:
            return "Please say a number, or press it on the keys."
        case Kind.DIGITS:
            return "Please say one digit after the other, or press them on the keys."
        case Kind.DATE | Kind.DAY:
            return "Please say a day, such as tomorrow or Friday."
        case Kind.TIME:
            return "Please say a time, such as half past seven."
        case Kind.YES_NO:
            return "Please say yes or no, or press 1 for yes and 2 for no."
        case Kind.NAME:
            return "Please say only the name."
        case Kind.CHOICE if slot.of_days:
            return "Please say a day, such as tomorrow or Friday."
        case Kind.CHOICE:
            return menu([f"for {choice.spoken[0]}" for choice in slot.choices])
    return "Please say it in a few words."


def menu(things: list[str]) -> str:
    """Keys to press, at most nine: ``things`` are "for sales" or "to book a table"."""
    pressed = [f"{key} {thing}" for key, thing in enumerate(things[:9], 1)]
    return f"You can press {listed(pressed, 'or')}."


def limits(slot: Slot) -> str:
    """What values are possible, for a caller who gave another."""
    low, high = slot.low, slot.high
    what = "digits" if slot.kind is Kind.DIGITS else ""
    if low is not None and high is not None:
        told = f"{low:g}" if low == high else f"from {low:g} to {high:g}"
    elif high is not None:
        told = f"at most {high:g}"
    elif low is not None:
        told = f"at least {low:g}"
    else:
        return "That is not possible."
    return f"It should have {told} {what}." if what else f"It should be {told}."


def summary(intent: Intent, values: Mapping[str, Any]) -> str:
    """What the caller wants, with what was said so far: "book a table for 4 on Friday"."""
    told = [intent.phrasing.wants]
    for slot in intent.slots:
        if slot.name in values:
            phrases = slot_phrases(slot)
            value = tell_value(slot, values[slot.name])
            if slot.kind is Kind.YES_NO:
                told.append(f"{slot.spoken}: {value}")
            elif phrases:
                told.append(phrases[0].replace(f"{{{slot.name}}}", value))
    return " ".join(told)


def confirm(intent: Intent, values: Mapping[str, Any]) -> str:
    """Whether it was understood rightly."""
    return f"You want to {summary(intent, values)}. Is that right?"


def abilities(domain: Domain) -> str:
    """What the agent can do."""
    deeds = [intent.phrasing.does for intent in domain.intents.values()][:DEEDS_SAID]
    if domain.transfer is not None:
        deeds.append("connect you to someone")
    if not deeds:
        return "I am sorry, there is nothing that I can do for you here yet."
    return sentence_case(f"I can {listed(deeds, 'or')}")


def examples(domain: Domain) -> str:
    """Sentences that a caller could say; ``""`` if there are none."""
    told = [each for each in domain.examples if read_general(words(each)) is None]
    told += [_filled(intent, (intent.given or intent.phrasing.phrases)[0]) for intent in domain.intents.values()]
    quoted = [f"“{sentence_case(' '.join(words(each))).rstrip('.')}”" for each in told[:EXAMPLES_SAID]]
    return f"You can say, for example: {listed(quoted, 'or')}." if quoted else ""


def _filled(intent: Intent, pattern: str) -> str:
    for slot in intent.slots:
        pattern = pattern.replace(f"{{{slot.name}}}", _sample(slot))
    return pattern


def _sample(slot: Slot) -> str:
    match slot.kind:
        case Kind.CHOICE:
            return slot.choices[0].spoken[0]
        case Kind.INTEGER | Kind.NUMBER:
            return cardinal(int(min(max(4, slot.low or 0), slot.high if slot.high is not None else 4)))
        case Kind.DIGITS:
            return " ".join(cardinal(digit) for digit in range(1, 1 + min(9, int(slot.low or 4))))
        case Kind.DATE | Kind.DAY:
            return "friday"
        case Kind.TIME:
            return "half past seven"
        case Kind.NAME:
            return "smith"
    return "something"
