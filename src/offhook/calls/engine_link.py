"""Keeps an engine session on a call's bridge: opens one, and another if it is lost.

A session that cannot be had, or is lost for a reason that another try may cure, is tried again, all within one limit of
time, because a caller is waiting in silence. What cannot be cured (a wrong key, no quota) is not tried twice.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from offhook.calls import events
from offhook.calls.bridge import Bridge
from offhook.calls.engine import Brief, Engine
from offhook.errors import EngineError, OffhookError

LOSSES_LIMIT: Final = 3
"""So many sessions may be lost within LOSSES_WINDOW_S; then the call is given up, rather than billed in a loop."""

LOSSES_WINDOW_S: Final = 60.0

FIRST_PAUSE_S: Final = 0.1
"""Between the first two tries; doubles with each."""


class EngineLink:
    """Between a call and its engine."""

    def __init__(
        self,
        engine: Engine,
        bridge: Bridge,
        *,
        brief: Callable[[], Brief],
        within_s: float,
        clock: Callable[[], float],
        tell: Callable[[events.CallEvent], None],
        ready: Callable[[], None],
        failed: Callable[[EngineError], None],
    ) -> None:
        self._engine = engine
        self._bridge = bridge
        self._brief = brief
        self._within_s = within_s
        self._clock = clock
        self._tell = tell
        self._ready = ready
        self._failed = failed
        self._losses: deque[float] = deque(maxlen=LOSSES_LIMIT)
        self._opening: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """Of the engine."""
        return self._engine.name

    def open(self) -> None:
        """Begin to open a session; it is put on the bridge when it is ready."""
        if self._opening is None or self._opening.done():
            self._opening = asyncio.get_running_loop().create_task(self._open(), name="engine-open")

    def gone(self, error: EngineError) -> None:
        """The session was lost."""
        self._tell_went(error)
        now = self._clock()
        self._losses.append(now)
        looping = len(self._losses) == LOSSES_LIMIT and now - self._losses[0] < LOSSES_WINDOW_S
        if error.retryable and not looping:
            self.open()
        else:
            self._failed(error)

    def close(self) -> None:
        """No session any more."""
        if self._opening is not None:
            self._opening.cancel()
        if self._bridge.session is not None:
            self._bridge.detach_session().close()

    async def _open(self) -> None:
        began = self._clock()
        error = EngineError(self.name, f"no session within {self._within_s:g} s", retryable=True)
        pause_s = FIRST_PAUSE_S
        try:
            async with asyncio.timeout(self._within_s):
                while True:
                    try:
                        session = await self._engine.open(self._brief())
                        break
                    except EngineError as failure:
                        error = failure
                        self._tell_went(failure)
                        if not failure.retryable:
                            raise
                    await asyncio.sleep(pause_s)
                    pause_s *= 2
        except TimeoutError:
            self._failed(error)
        except EngineError as failure:
            self._failed(failure)
        except Exception as bug:  # one bad call hurts one call: whatever it was, this caller hears a sentence
            self._failed(EngineError(self.name, f"unexpected {type(bug).__name__}: {bug}", retryable=False))
        else:
            # The session may have been lost already; the bridge hears of it now, and another is opened.
            self._opening = None
            self._tell(events.EngineCame(self.name, round((self._clock() - began) * 1000)))
            try:
                self._bridge.attach_session(session)
            except OffhookError as error:  # formats that nothing joins
                session.close()
                self._failed(EngineError(self.name, str(error), retryable=False))
            else:
                self._ready()

    def _tell_went(self, error: EngineError) -> None:
        self._tell(events.EngineWent(error.reason, error.code, error.retryable))
