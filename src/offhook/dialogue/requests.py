"""What a request for a reply asks to be said, beside what the dialogue would say by itself.

The gateway asks for things that the caller did not: to greet with exactly these words, to ask if anyone is there, to
say goodbye. A model follows such a sentence; here it is read for what is known.
"""

import re
from dataclasses import dataclass
from typing import Final

from offhook.dialogue import manners
from offhook.dialogue.words import sentence_case

SAID_LIMIT_CHARS: Final = 2_000
"""Of the words that are to be said exactly."""

INSTRUCTIONS_LIMIT_CHARS: Final = 4_000
"""What comes after is not read."""

_EXACTLY: Final = re.compile(r"\bexactly\b[^:“\"]*(?::\s*|(?=[“\"]))(.+)", re.I | re.S)
_SAY_THIS: Final = re.compile(
    r"^\s*(?:please )?(?:say|read out|respond with)(?: this| the following)?:\s*(.+)", re.I | re.S
)
_TELL: Final = re.compile(
    r"^\s*(?:please )?(?:tell|inform|let) the (?:caller|user|customer)(?: know)?(?: that)?[ ,:]+(.+)", re.I | re.S
)
_QUOTED: Final = re.compile(r"[“\"]([^”\"]+)[”\"]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to say first, and how to go on."""

    text: str
    goes_on: bool = False
    """Then what is owed to the caller, or the open question."""


def read_request(instructions: str, greeting: str = "") -> Wanted | None:
    """None if the instructions ask for nothing that can be done without a model; then the dialogue just goes on."""
    instructions = instructions[:INSTRUCTIONS_LIMIT_CHARS]
    if exact := _EXACTLY.search(instructions) or _SAY_THIS.search(instructions):
        return Wanted(_unquoted(exact[1])[:SAID_LIMIT_CHARS])
    told = instructions.lower()
    if "still there" in told or "said nothing" in told:
        return Wanted(manners.ARE_YOU_THERE, goes_on=True)
    if "maximum length" in told or "time is up" in told:
        return Wanted(manners.TIME_IS_UP)
    if "line" in told and ("broke" in told or "lost" in told or "back" in told):
        return Wanted(manners.LINE_WAS_LOST, goes_on=True)
    if "goodbye" in told:
        return Wanted(manners.GOODBYE)
    if "greet" in told:
        return Wanted(greeting or manners.GREETING)
    if quoted := _QUOTED.search(instructions):
        return Wanted(quoted[1][:SAID_LIMIT_CHARS])
    if tell := _TELL.search(instructions):
        return Wanted(sentence_case(tell[1].strip())[:SAID_LIMIT_CHARS])
    return None


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] in "“\"'" and text[-1] in "”\"'":
        return text[1:-1].strip()
    return text
