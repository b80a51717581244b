"""A caller and an engine with a bridge between them, and time that is stepped."""

from typing import TypeVar

from offhook.audio.formats import PCMU_8K, AudioFormat
from offhook.calls.bridge import Bridge
from offhook.calls.turns import Turns
from offhook.testing.clock import SteppedClock
from offhook.testing.memory_engine import MemorySession
from offhook.testing.memory_leg import MemoryLeg

EventT = TypeVar("EventT")


class Bridged:
    """Both ends are on. ``journal`` has all that left the bridge, in order: orders to the line, requests, events."""

    def __init__(
        self,
        *,
        leg: AudioFormat = PCMU_8K,
        engine: AudioFormat = PCMU_8K,
        truncates: bool = True,
        allowed: bool = True,
        hold_s: float = 0.0,
        queue_ms: int = 1000,
    ) -> None:
        self.journal: list[object] = []
        self.clock = SteppedClock()
        turns = Turns(allowed=allowed, hold_s=hold_s)
        self.bridge = Bridge(turns, queue_ms=queue_ms, clock=self.clock, tell=self.journal.append)
        self.leg = MemoryLeg(self.clock, leg, journal=self.journal)
        self.session = MemorySession(hears=engine, speaks=engine, truncates=truncates, journal=self.journal)
        self.bridge.attach_leg(self.leg)
        self.bridge.attach_session(self.session)

    def wait(self, seconds: float) -> None:
        """Let time pass: marks are answered and deadlines kept, each at its moment."""
        until = self.clock() + seconds
        while (due := min(self.leg.deadline(), self.bridge.deadline())) <= until:
            self.clock.now = max(self.clock.now, due)
            self.leg.on_time(self.clock())
            self.bridge.on_time(self.clock())
        self.clock.now = until

    def told(self, kind: type[EventT]) -> list[EventT]:
        """The events of that kind so far."""
        return [event for event in self.journal if isinstance(event, kind)]

    def since(self, moment: int) -> list[object]:
        """What left the bridge since ``len(journal)`` was that."""
        return self.journal[moment:]
