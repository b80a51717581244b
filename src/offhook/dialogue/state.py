"""Where a dialogue without a model stands, and what it owes the caller. Values only; ``course`` moves from one to the
next.

    IDLE ──intent──▶ ASKING ──last value──▶ (call) ──▶ WORKING ──result──▶ IDLE
      │                 ▲                                 ▲
      └──not sure──▶ CONFIRMING ──yes, all known──────────┘
                        │  ▲
                        no └──value── CORRECTING
    any ──goodbye, or nothing understood──▶ LEAVING
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any


class Phase(Enum):
    """What the dialogue waits for."""

    IDLE = auto()
    """Whatever the caller wants."""
    ASKING = auto()
    """The value of one slot."""
    CONFIRMING = auto()
    """Yes or no: it was not sure of what it understood."""
    CORRECTING = auto()
    """A value to change: the caller said no."""
    WORKING = auto()
    """The answer of a tool."""
    LEAVING = auto()
    """The end: goodbye was said, or the caller is being connected."""


@dataclass(frozen=True, slots=True)
class Say:
    """Say this."""

    text: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask this; the answer is a value of ``slot``, or yes or no if that is None."""

    text: str
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Call a tool."""

    name: str
    arguments: Mapping[str, Any]


Act = Say | Ask | Call


@dataclass(frozen=True, slots=True)
class Task:
    """What the caller wants, as far as it is known."""

    intent: str
    values: Mapping[str, Any] = field(default_factory=dict)
    sure: bool = True
    """Understood beyond doubt, or confirmed."""

    def having(self, values: Mapping[str, Any]) -> "Task":
        """With more values, or others."""
        return replace(self, values={**self.values, **values})

    def without(self, name: str) -> "Task":
        """Without the value of one slot."""
        return replace(self, values={slot: value for slot, value in self.values.items() if slot != name})


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is remembered between two entries of the conversation."""

    phase: Phase = Phase.IDLE
    task: Task | None = None
    """Being asked about, confirmed, or carried out."""
    asked: str | None = None
    """The slot that was asked for, while ASKING."""
    misses: int = 0
    """Times in a row that the caller was not understood."""
    refusals: int = 0
    """Times in a row that a tool did not take what it was given."""
    owed: tuple[Act, ...] = ()
    """What to say and do next; empty once it was said."""
    untold: tuple[str, ...] = ()
    """Results of tools that the caller has not heard yet."""
    said: str = ""
    """What was last said, for a caller who asks to hear it again."""
    calls: Mapping[str, str] = field(default_factory=dict)
    """Names of the tools that have not answered, by the id of the call."""
    parked: Task | None = None
    """Left for a question in between, and gone on with when that is answered."""
    done: Task | None = None
    """What was last carried out: the caller may want it once more, for another day."""
    offered: tuple[str, ...] = ()
    """Intents that were offered on the keys 1 to 9."""
