"""When to call whom: one timer of the loop for any number of sessions.

Sessions that all say a delta every 200 ms would otherwise keep the loop's own heap busy with timers that are set and
cancelled. Here each has at most one time; the loop is told only the earliest, and no more often than every TICK_S.
"""

from asyncio import AbstractEventLoop, TimerHandle
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Protocol

TICK_S = 0.005
"""Calls come up to this late, so that those of many sessions come in one go."""


class Waiting(Protocol):
    """Someone who wants to be called at a time."""

    due_at: float
    """Kept by the timetable; inf to begin with."""

    def on_time(self, now: float) -> None:
        """The time has come."""


class Timetable:
    """Keeps the times of all; on the loop's clock."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._heap: list[tuple[float, int, Waiting]] = []
        self._count = count()
        self._timer: TimerHandle | None = None
        self._timer_at = inf

    def set(self, waiting: Waiting, due_at: float) -> None:
        """Call ``waiting.on_time`` at that time and not at the one set before; inf: not at all."""
        if due_at == waiting.due_at:
            return
        waiting.due_at = due_at
        if due_at < inf:
            heappush(self._heap, (due_at, next(self._count), waiting))
            self._arm()

    def close(self) -> None:
        """Call nobody any more."""
        self._heap.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        wake_at = max(self._heap[0][0], self._loop.time() + TICK_S)
        if self._timer is not None:
            if self._timer_at <= wake_at:
                return
            self._timer.cancel()
        self._timer_at = wake_at
        self._timer = self._loop.call_at(wake_at, self._tick)

    def _tick(self) -> None:
        self._timer = None
        now = self._loop.time()
        while self._heap and self._heap[0][0] <= now:
            due_at, _, waiting = heappop(self._heap)
            if due_at == waiting.due_at:  # else it was set anew since
                waiting.due_at = inf
                waiting.on_time(now)
        if self._heap:
            self._arm()
