"""An event loop in which waiting takes no time.

Where asyncio would sleep until the next timer, the clock of this loop jumps there. So ``asyncio.sleep``, ``timeout``
and ``call_at`` work as always, in the same order, and a test of a minute of silence takes a millisecond. It is for code
that waits for timers and for itself. What comes from outside, sockets and threads, is not in step with such a clock.
"""

import asyncio
import selectors
from typing import Final

OUTSIDE_S: Final = 1.0
"""With no timer set, only the outside can wake the loop; it is waited for so long, in real seconds."""


class Stuck(RuntimeError):
    """Every task waits, and there is no timer that could wake one."""


class SteppedLoop(asyncio.SelectorEventLoop):
    """Give it to ``asyncio.Runner(loop_factory=SteppedLoop)``; its ``time`` is the clock of the code under test."""

    def __init__(self, now: float = 1000.0) -> None:
        self._now = now
        super().__init__(_Selector(self))

    def time(self) -> float:
        """Seconds; moves only when nothing else is left to do."""
        return self._now

    async def shutdown_default_executor(self, *_: float | None) -> None:
        """Wait for threads as long as they take: they are not in step with this clock, so its limits say nothing."""
        await super().shutdown_default_executor()

    def jump(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._now += seconds


class _Selector(selectors.SelectSelector):
    """Where the loop would wait."""

    def __init__(self, loop: SteppedLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            ready = super().select(OUTSIDE_S)
            if not ready:
                raise Stuck("all tasks wait for something that no timer brings about")
            return ready
        ready = super().select(0)
        if not ready and timeout > 0:
            self._loop.jump(timeout)
        return ready
