"""Who says what: a caller asks a restaurant when it is open, interrupts the answer, and takes a table."""

from dataclasses import dataclass
from typing import Final

CALLER: Final = "+15550001111"
DIALLED: Final = "+15550002222"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line. Its recording is ``sounds/{name}.wav``."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class WhenQuiet:
    """Once the agent has said something, and then nothing for so long."""

    pause_ms: int


@dataclass(frozen=True, slots=True)
class WhileSpeaking:
    """Into the agent's words, after so much of them was heard."""

    heard_ms: int


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """What the caller says, and when."""

    line: Spoken
    cue: WhenQuiet | WhileSpeaking


GREETING: Final = Spoken("agent_greeting", "Good evening, the Blue Lantern. How can I help?")
HOURS: Final = Spoken(
    "agent_hours",
    "On Saturday the kitchen is open from noon until eleven at night. On Sunday we begin with brunch at ten, "
    "close at three in the afternoon, and open again for dinner from six until nine.",
)
MOMENT: Final = Spoken("agent_moment", "One moment, let me look.")
OFFER: Final = Spoken("agent_offer", "Yes, there is a table by the window. May I have your name?")
GOODBYE: Final = Spoken("agent_goodbye", "It is yours, Mister Carter. See you on Saturday. Goodbye!")

AGENT_LINES: Final = (GREETING, HOURS, MOMENT, OFFER, GOODBYE)

CALLER_TURNS: Final = (
    CallerTurn(Spoken("caller_hours", "Hello. When are you open this weekend?"), WhenQuiet(pause_ms=600)),
    # The caller has heard about Saturday by then, and the agent is in the middle of the sentence about Sunday.
    CallerTurn(
        Spoken("caller_table", "Sorry, Saturday is fine. Is there a table for two, at eight?"),
        WhileSpeaking(heard_ms=4300),
    ),
    CallerTurn(Spoken("caller_name", "Carter. Thank you, and goodbye."), WhenQuiet(pause_ms=600)),
)
CALLER_LINES: Final = tuple(turn.line for turn in CALLER_TURNS)

FIND_TABLE_ARGUMENTS: Final = '{"day": "saturday", "time": "20:00", "guests": 2}'
BOOK_TABLE_ARGUMENTS: Final = '{"day": "saturday", "time": "20:00", "guests": 2, "name": "Carter"}'

TOOLS_CALLED: Final = ("find_table", "book_table", "end_call")
"""In this order."""
