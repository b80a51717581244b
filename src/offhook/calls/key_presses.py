"""Runs an agent's ``on_digit`` handler for the keys a caller presses: one after the other, each with a time limit."""

import asyncio
from collections import deque
from typing import Final

from offhook.agents.agent import DigitHandler
from offhook.agents.handle import CallHandle
from offhook.telemetry.logs import get_logger

HANDLER_WITHIN_S: Final = 10.0
WAITING_LIMIT: Final = 64
"""So many keys may wait for the handler; more are dropped."""

log = get_logger("offhook.calls")


class KeyPresses:
    """The keys of one call, on their way to the handler."""

    def __init__(self, handler: DigitHandler, call: CallHandle) -> None:
        self._handler = handler
        self._call = call
        self._waiting: deque[str] = deque()
        self._task: asyncio.Task[None] | None = None

    def pressed(self, digit: str) -> None:
        """One key."""
        if len(self._waiting) >= WAITING_LIMIT:
            log.warning("a key was dropped: on_digit does not keep up", call_id=self._call.call_id)
            return
        self._waiting.append(digit)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="on-digit")

    def close(self) -> None:
        """The call is over: keys that wait are dropped. One that is being handled may be, within its time."""
        self._waiting.clear()

    async def _run(self) -> None:
        while self._waiting:
            digit = self._waiting.popleft()
            try:
                async with asyncio.timeout(HANDLER_WITHIN_S):
                    await self._handler(digit, self._call)
            except Exception:
                log.exception("on_digit failed", call_id=self._call.call_id, digit=digit)
