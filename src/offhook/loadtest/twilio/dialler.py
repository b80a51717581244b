"""Calls per second: outbound calls wait their turn (Twilio support: "calls per second", 1 by default)."""

import asyncio
from collections import deque
from typing import Final

from offhook.loadtest.twilio.line import Line

QUEUE_LIMIT: Final = 10_000
"""Calls that wait. Twilio keeps them for up to 24 hours."""


class Dialler:
    """Begins lines in order, so many a second."""

    def __init__(self, calls_per_second: float) -> None:
        self._interval_s = 1 / calls_per_second
        self._waiting: deque[Line] = deque()
        self._next_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def full(self) -> bool:
        """True if no more calls can wait."""
        return len(self._waiting) >= QUEUE_LIMIT

    def add(self, line: Line) -> None:
        """Begin this one when it is its turn; the first one as soon as the loop comes round."""
        self._waiting.append(line)
        self._wind()

    def close(self) -> None:
        """Begin nothing more."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wind(self) -> None:
        if self._timer is None and self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._next_at), self._begin_one, loop)

    def _begin_one(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        while self._waiting:
            line = self._waiting.popleft()
            if not line.life.over:  # canceled while it waited: costs no turn
                self._next_at = loop.time() + self._interval_s
                line.begin()
                break
        self._wind()
