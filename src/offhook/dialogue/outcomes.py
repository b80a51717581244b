"""How a tool's answer is meant: as words for the caller, or as the gateway's word to a model that something failed.

The gateway tells a model of a failure in sentences that begin with the tool's name ("book_table failed. ..."). They
are instructions, and would sound strange to a caller; here they become what the caller should hear.
"""

import re
from dataclasses import dataclass
from typing import Final

from offhook.dialogue import manners
from offhook.dialogue.domain import Intent
from offhook.dialogue.telling import tell
from offhook.dialogue.words import name_words

_REFUSED: Final = re.compile(
    r"was not carried out, because its arguments are not right: (.*?)(?:\. Correct them|$)", re.S
)
_UNKNOWN_OUTCOMES: Final = ("Nobody knows if this was carried out", "The result is unknown")
_NEVER_RAN: Final = ("There is no tool ", "Too many tool calls in a row")
_EXPECTATION: Final = re.compile(r"([a-z_][a-z0-9_]*)[\w.\[\]]*(?:: | )(.*)", re.I | re.S)
_NOT_THAT: Final = re.compile(r", not .*$", re.S)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller is told, and which value was wrong, if one was."""

    text: str
    failed: bool = False
    wrong_slot: str | None = None


def read_outcome(name: str, output: str, intent: Intent | None) -> Outcome:
    """``name`` is the tool's, ``intent`` what the domain knows of it."""
    if output.startswith(_UNKNOWN_OUTCOMES):
        return Outcome(manners.UNCERTAIN, failed=True)
    if output.startswith(_NEVER_RAN):
        return Outcome(manners.NOT_NOW, failed=True)
    if output.startswith(f"{name} "):
        told = output.removeprefix(f"{name} ")
        if refused := _REFUSED.match(told):
            return _refused(refused[1], intent)
        if told.startswith(("failed. ", "took longer than ")):
            uncertain = "Whether it had an effect is not known" in told
            return Outcome(manners.UNCERTAIN if uncertain else manners.FAILED, failed=True)
        if told.startswith("could not read its arguments"):
            return Outcome(manners.FAILED, failed=True)
        if told.startswith("was carried out, but its result cannot be told"):
            return Outcome(manners.DONE)
    return Outcome(tell(output) or manners.DONE)


def _refused(faults: str, intent: Intent | None) -> Outcome:
    """ "guests should be less than or equal to 8, not 9" names a slot and says what would be right."""
    first = faults.split("; ")[0]
    found = _EXPECTATION.match(first)
    if found is None or intent is None:
        return Outcome(manners.NOT_POSSIBLE, failed=True)
    slot = next((each for each in intent.slots if each.name.partition(".")[0] == found[1]), None)
    if slot is None:
        return Outcome(manners.NOT_POSSIBLE, failed=True)
    expected = _NOT_THAT.sub("", found[2])
    if not expected.startswith("should be "):
        return Outcome(manners.NOT_POSSIBLE, failed=True, wrong_slot=slot.name)
    spoken = " ".join(name_words(found[1]))
    return Outcome(f"I am sorry, the {spoken} {expected}.", failed=True, wrong_slot=slot.name)
