"""One clock for the sound of all lines.

Each line is called every 20 ms, from one timer of the loop. The lines are spread over the 20 ms, as real callers are:
500 frames at one instant would measure the burst, not the gateway.
"""

import asyncio
import logging
from collections.abc import Callable
from math import ceil
from typing import Final, Protocol

TICK_S: Final = 0.020
SLOTS: Final = 10
"""Moments within a tick, 2 ms apart; a line keeps the one it was given."""

CATCH_UP_S: Final = 1.0
"""A loop that comes late makes up for at most this much; what is older is skipped, as a phone would lose it."""

_STEP_S: Final = TICK_S / SLOTS

_EARLY_S: Final = 0.001
"""Timers of uvloop are whole milliseconds, and may fire that much too soon: waiting for the rest would be spinning."""

log = logging.getLogger(__name__)


class Ticking(Protocol):
    """Somebody with a frame to send every 20 ms."""

    def on_tick(self, at: float, now: float) -> None:
        """``at`` is when the frame is due, ``now`` is loop time: later if the loop is behind, or up to 1 ms sooner."""


class Timers(Protocol):
    """The part of an event loop that a clock needs."""

    def time(self) -> float:
        """Seconds."""

    def call_at(self, when: float, callback: Callable[[], None], /) -> object:
        """Call once, at that time."""


class Clock:
    """Runs while somebody is on it; ``start`` needs a running loop, unless there is another one to run on."""

    def __init__(self, timers: Timers | None = None) -> None:
        self._timers = timers
        self._slots: list[dict[Ticking, None]] = [{} for _ in range(SLOTS)]
        self._members = 0
        self._running = False
        self._began = 0.0
        self._step = 0  # counts 2 ms since the beginning; its slot is the step modulo SLOTS

    def start(self, member: Ticking) -> None:
        """Call this member from now on, every 20 ms."""
        if any(member in slot for slot in self._slots):
            return
        min(self._slots, key=len)[member] = None
        self._members += 1
        if not self._running:
            self._timers = self._timers or asyncio.get_running_loop()
            self._began, self._step = self._timers.time(), 0
            self._running = True
            self._wind(self._timers)

    def stop(self, member: Ticking) -> None:
        """Call this member no more."""
        for slot in self._slots:
            if member in slot:
                del slot[member]
                self._members -= 1

    def __len__(self) -> int:
        return self._members

    def _wind(self, timers: Timers) -> None:
        if not self._members:
            self._running = False
            return
        while not self._slots[self._step % SLOTS]:
            self._step += 1
        timers.call_at(self._began + self._step * _STEP_S, lambda: self._run(timers))

    def _run(self, timers: Timers) -> None:
        now = timers.time()
        behind_s = now - (self._began + self._step * _STEP_S)
        if behind_s > CATCH_UP_S:
            self._step += ceil((behind_s - CATCH_UP_S) / TICK_S) * SLOTS
        last = int((now - self._began + _EARLY_S) / _STEP_S)
        while self._step <= last:
            at = self._began + self._step * _STEP_S
            for member in tuple(self._slots[self._step % SLOTS]):
                try:
                    member.on_tick(at, now)
                except Exception:  # one broken line must not stop the sound of the others
                    log.exception("a line is taken off the clock")
                    self.stop(member)
            self._step += 1
        self._wind(timers)
