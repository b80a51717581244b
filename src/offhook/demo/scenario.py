"""Who calls, what they say and when, and what has to come of it; pure data, and where it is taken from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from offhook.agents.agent import END_CALL
from offhook.agents.loading import load
from offhook.audio.formats import PCMU_8K
from offhook.audio.wav import read_wav
from offhook.demo.failure import DemoFailed
from offhook.engines.local import LOCAL

CALLER: Final = "+15550001111"
DIALLED: Final = "+15550002222"

DEMO_AGENT: Final = "offhook.demo.agent:agent"

PAUSE_MS: Final = 600
"""People answer about so long after the other one has stopped."""

SPEAKS_ANYWAY_S: Final = 6.0
"""A caller with lines of their own waits so long for an answer; then they say the next one."""

LINES_LIMIT: Final = 50
"""Lines of a caller's own."""

WAV_LIMIT_S: Final = 300.0
"""Sound of a caller's own."""

EXAMPLES_SPOKEN: Final = 4
"""Of an agent's own examples, if nothing else is said to it."""


FRIDAY, SATURDAY = 4, 5
"""As ``date.weekday`` counts."""


@dataclass(frozen=True, slots=True)
class WhenQuiet:
    """Once the agent has said something, and then nothing for so long."""

    pause_ms: int = PAUSE_MS
    anyway_after_s: float | None = None
    """Or after so long without a word of the agent; None takes that for a failure."""


@dataclass(frozen=True, slots=True)
class WhileSpeaking:
    """Into the agent's words, after so much of them was heard."""

    heard_ms: int


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """What the caller says, and when."""

    text: str
    cue: WhenQuiet | WhileSpeaking
    sound: bytes = b""
    """µ-law; without it, a synthesiser says the text."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What has to come of the call."""

    tools: tuple[str, ...]
    """They run in this order, and no others do."""
    table: str
    """In the example's database. It has one row afterwards."""
    row: dict[str, str | int]
    """With these values in it."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One call."""

    agent: str
    """As module:attribute."""
    turns: tuple[CallerTurn, ...]
    promise: Promise | None = None
    """None: whatever the agent makes of it is right."""


def table_for_four(today: date) -> Scenario:
    """A caller asks a restaurant when it is open, interrupts the answer, and books a table for Friday.

    On a Friday for Saturday: "on Friday" would be today, and eight o'clock may have passed.
    """
    weekday = SATURDAY if today.weekday() == FRIDAY else FRIDAY
    day = today + timedelta(days=(weekday - today.weekday()) % 7)
    return Scenario(
        DEMO_AGENT,
        (
            CallerTurn("Hello, when are you open?", WhenQuiet()),
            # "From Tuesday to Sunday we …": the caller has heard enough.
            CallerTurn("I would like a table for four people.", WhileSpeaking(heard_ms=1500)),
            CallerTurn(f"We would like to come on {day:%A}.", WhenQuiet()),
            CallerTurn("At eight o'clock.", WhenQuiet()),
            CallerTurn("My name is Robinson.", WhenQuiet()),
            CallerTurn("Bye bye.", WhenQuiet()),
        ),
        Promise(
            tools=("opening_hours", "book_table", END_CALL),
            table="bookings",
            row={"starts_at": f"{day:%Y-%m-%d} 20:00", "guests": 4, "name": "Robinson", "phone": CALLER},
        ),
    )


def own_lines(texts: Sequence[str], agent: str = DEMO_AGENT) -> Scenario:
    """A caller who says these. DemoFailed if that is too much, or nothing."""
    if len(texts) > LINES_LIMIT:
        raise DemoFailed(f"{len(texts)} lines are too many; {LINES_LIMIT} are the most")
    if not all(any(letter.isalnum() for letter in text) for text in texts):
        raise DemoFailed("a line to say needs at least one word")
    cue = WhenQuiet(anyway_after_s=SPEAKS_ANYWAY_S)
    return Scenario(agent, tuple(CallerTurn(" ".join(text.split()), cue) for text in texts))


def own_sound(path: Path, agent: str = DEMO_AGENT) -> Scenario:
    """A caller who sounds like a WAV file. AudioError, OSError if it cannot be read, DemoFailed if it is too long."""
    _, sound = read_wav(path, PCMU_8K)
    duration_s = PCMU_8K.duration_ms(len(sound)) / 1000
    if not 0 < duration_s <= WAV_LIMIT_S:
        raise DemoFailed(f"{path} lasts {duration_s:.0f} s; at most {WAV_LIMIT_S:.0f} s are played, and not nothing")
    return Scenario(agent, (CallerTurn(path.name, WhenQuiet(anyway_after_s=SPEAKS_ANYWAY_S), sound),))


def own_agent(agent: str) -> Scenario:
    """A caller who says what this agent itself gives as examples, and goodbye. AgentError if there is no such agent."""
    told = list(require_agent(agent))[:EXAMPLES_SPOKEN]
    return own_lines([*(told or ["What can you do?"]), "Bye bye."], agent)


def require_agent(reference: str) -> tuple[str, ...]:
    """Return the agent's examples. AgentError if there is no such agent, DemoFailed if it needs another engine."""
    agent = load(reference)
    if agent.engine not in (None, LOCAL):
        raise DemoFailed(f"{reference} wants the engine {agent.engine}; the demo has the engine {LOCAL} only")
    return tuple(agent.examples)
