"""The pulse of the loop: one timer that notes how late it is woken, and how much of that was this process' own work.

Late is late for the callers, and so the metric has all of it. But a timer is late, too, when another process has the
core, and what ``Health`` judges must not be a neighbour's load. A loop that makes itself late works all that while; so
its own lag is at most the processor time that its thread used since the timer was set (``time.thread_time``, POSIX
CLOCK_THREAD_CPUTIME_ID). Of a step that blocks without working, such as a tool that sleeps, nothing is seen here but
in the metric: fewer calls would not make it shorter.
"""

import asyncio
import time
from typing import Final

from offhook.telemetry.health import Health
from offhook.telemetry.logs import get_logger
from offhook.telemetry.tally import Tally

EVERY_S: Final = 0.02
"""As often as a caller's frame comes. That is 0.02 % of a core that works, 0.3 % of one that would sleep."""

log = get_logger("offhook.telemetry")


class Pulse:
    """Looks at the running loop from ``start`` to ``stop``. ``lag_s``: the whole lag of each look is added."""

    def __init__(self, lag_s: Tally, health: Health) -> None:
        self._lag_s = lag_s
        self._health = health
        self._due = 0.0
        self._worked_s = 0.0
        """The processor time of the loop's thread when the timer was set."""
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin; of the loop that runs here."""
        if self._timer is None:
            self._again(asyncio.get_running_loop())

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _again(self, loop: asyncio.AbstractEventLoop) -> None:
        # Not the loop's own time: uvloop's stands still while it works, and that is what is to be seen.
        self._due = time.monotonic() + EVERY_S
        self._worked_s = time.thread_time()
        self._timer = loop.call_later(EVERY_S, self._woken, loop)

    def _woken(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        lag_s = max(0.0, now - self._due)
        self._lag_s.add(lag_s)
        was_overloaded = self._health.overloaded
        self._health.woke(min(lag_s, time.thread_time() - self._worked_s), now)
        if self._health.overloaded is not was_overloaded:
            self._tell()
        self._again(loop)

    def _tell(self) -> None:
        if self._health.overloaded:
            log.warning("the loop does not keep up: no new calls until it does")
        else:
            log.info("the loop keeps up again: new calls are taken")
