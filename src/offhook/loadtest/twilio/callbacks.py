"""Status callbacks of one line, one after another: what Twilio tells, and never acts on the answer."""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from offhook.loadtest.twilio.debugger import OWN_LIMIT, ApplicationError, Debugger
from offhook.loadtest.twilio.webhooks import Webhooks

WAITING_LIMIT: Final = 1000
"""Callbacks of one line that wait to be sent; more are dropped with a warning."""

EVENTS: Final = ("initiated", "ringing", "answered", "completed")


@dataclass(frozen=True, slots=True)
class StatusCallback:
    """Who wants to be told what about a call."""

    url: str
    method: str = "POST"
    events: Collection[str] = ("completed",)


@dataclass(frozen=True, slots=True)
class Told:
    """One callback that was tried. ``status`` is the HTTP status of the answer, None if there was no good one."""

    url: str
    form: Mapping[str, str]
    status: int | None


class Callbacks:
    """A queue with one sender, which lives while something waits."""

    def __init__(self, webhooks: Webhooks, debugger: Debugger) -> None:
        self.log: list[Told] = []
        self._webhooks = webhooks
        self._debugger = debugger
        self._waiting: deque[tuple[str, str, dict[str, str]]] = deque()
        self._sender: asyncio.Task[None] | None = None

    def send(self, method: str, url: str, form: dict[str, str]) -> None:
        """Tell, some time soon, after what was to be told before."""
        if len(self._waiting) >= WAITING_LIMIT:
            self._debugger.warning(OWN_LIMIT, f"callback dropped, {WAITING_LIMIT} wait already ({url})")
            return
        self._waiting.append((method, url, form))
        if self._sender is None:
            self._sender = asyncio.get_running_loop().create_task(self._send_all())

    async def drained(self) -> None:
        """Wait until all has been told."""
        while self._sender is not None:
            await asyncio.wait([self._sender])

    async def abandon(self) -> None:
        """Tell nothing more."""
        self._waiting.clear()
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.wait([self._sender])

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                method, url, form = self._waiting.popleft()
                self.log.append(Told(url, form, await self._send_one(method, url, form)))
        finally:
            self._sender = None

    async def _send_one(self, method: str, url: str, form: dict[str, str]) -> int | None:
        try:
            return (await self._webhooks.request(method, url, form)).status
        except ApplicationError as error:
            self._debugger.warning(error.code, str(error))
            return None
