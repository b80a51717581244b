"""One timer for many deadlines."""

import asyncio
from collections.abc import Callable
from math import inf


class Alarm:
    """Rings no later than the deadline it is asked to keep, in the seconds of ``clock``.

    A deadline that moves away does not move the timer: it rings too early, finds nothing to do, and is set anew. That
    is cheaper than a timer for each change.
    """

    __slots__ = ("_clock", "_ring", "_timer")

    def __init__(self, clock: Callable[[], float], ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None

    def keep(self, deadline: float) -> None:
        """Ring by then; inf asks for nothing."""
        loop = asyncio.get_running_loop()
        at = loop.time() + max(0.0, deadline - self._clock())
        if self._timer is not None:
            if self._timer.when() <= at:
                return
            self._timer.cancel()
            self._timer = None
        if deadline < inf:
            self._timer = loop.call_at(at, self._on_time)

    def off(self) -> None:
        """Do not ring any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_time(self) -> None:
        self._timer = None
        self._ring()
