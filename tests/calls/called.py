"""A call between a caller, an engine and a carrier in memory, in time that is stepped."""

import asyncio
from dataclasses import dataclass, field
from typing import TypeVar

from offhook.agents.agent import Agent
from offhook.calls import events
from offhook.calls.call import Call
from offhook.calls.departure import EndReason
from offhook.calls.facts import CallFacts, CallLimits
from offhook.calls.states import State
from offhook.testing.memory_carrier import MemoryCarrier
from offhook.testing.memory_engine import AskedToReply, MemoryEngine, MemorySession
from offhook.testing.memory_leg import MemoryLeg

EventT = TypeVar("EventT", bound=events.CallEvent)

SECOND = b"\x55" * 8000
REPLY_S = 1.0


def talkative(session: MemorySession, asked: AskedToReply) -> None:
    """An engine that answers each request with a second of sound."""
    session.reply(SECOND, asked.instructions or "Well.")


def answering(takes_s: float = 0.0) -> MemoryEngine:
    """Such an engine."""
    return MemoryEngine(takes_s=takes_s, on_asked=talkative)


@dataclass
class Called:
    """One call. Only what the test says happens to it."""

    agent: Agent = field(default_factory=lambda: Agent(greeting="Hello!", silence=None))
    engine: MemoryEngine = field(default_factory=answering)
    carrier: MemoryCarrier = field(default_factory=MemoryCarrier)
    limits: CallLimits = field(default_factory=CallLimits)
    direction: str = "inbound"
    may_transfer: bool = False

    def __post_init__(self) -> None:
        self.clock = asyncio.get_running_loop().time
        self.began = self.clock()
        self.events: list[tuple[float, events.CallEvent]] = []
        self.over: list[Call] = []
        self.legs: list[MemoryLeg] = []
        self.call = Call(
            CallFacts("call_1", self.direction, "+15550001111", "+15550002222", {"order": "7"}),
            self.agent,
            self.engine,
            self.carrier,
            self.limits,
            publish=self._publish,
            over=self.over.append,
            may_transfer=lambda to: self.may_transfer,
            clock=self.clock,
        )

    def _publish(self, call_id: str, event: events.CallEvent) -> None:
        assert call_id == "call_1"
        self.events.append((self.clock() - self.began, event))

    # ---- what happens ----------------------------------------------------------------------------------------------

    def ring(self) -> None:
        """The carrier asks what to do with a call."""
        self.call.line.carrier_call_id = "CA1"
        self.call.prepare()

    def connect(self) -> MemoryLeg:
        """The caller is on the line."""
        leg = MemoryLeg(self.clock, by_itself=True)
        self.legs.append(leg)
        self.call.leg_came(leg)
        return leg

    async def pick_up(self) -> MemoryLeg:
        """It rings, and the caller is on the line; both sides are there after a moment."""
        self.ring()
        await asyncio.sleep(0.1)
        leg = self.connect()
        await asyncio.sleep(0.01)
        return leg

    # ---- what came of it ---------------------------------------------------------------------------------------------

    @property
    def session(self) -> MemorySession:
        """The newest engine session."""
        return self.engine.session

    @property
    def leg(self) -> MemoryLeg:
        """The newest leg."""
        return self.legs[-1]

    @property
    def requests(self) -> list[str | None]:
        """What all engine sessions were asked to say."""
        return [
            asked.instructions
            for session in self.engine.sessions
            for asked in session.asked
            if isinstance(asked, AskedToReply)
        ]

    @property
    def states(self) -> list[State]:
        """Those that the call has been in, after RINGING."""
        return [event.state for event in self.told(events.StateChanged)]

    @property
    def ended(self) -> EndReason | None:
        """Why it ended; None if it goes on."""
        return self.call.life.end_reason if self.told(events.CallEnded) else None

    @property
    def ended_at(self) -> float:
        """When, in seconds since it began."""
        return self.when(events.CallEnded)

    def told(self, kind: type[EventT]) -> list[EventT]:
        """The events of that kind so far."""
        return [event for _, event in self.events if isinstance(event, kind)]

    def when(self, kind: type[EventT]) -> float:
        """The time of the latest event of that kind, in seconds since the call began."""
        return next(at for at, event in reversed(self.events) if isinstance(event, kind))
