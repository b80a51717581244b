"""Uvicorn around the application, and what a signal to stop means.

Uvicorn refuses HTTP as soon as it is told to stop, and a call that ends needs HTTP: the carrier asks what comes after
its stream. So a signal is taken here: no new calls, those that run go on for a while and then end in order, and only
then uvicorn is told. A second signal ends the calls at once; a third stops uvicorn itself.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Final

import uvicorn

from offhook.door.http import http_with
from offhook.door.lobby import Lobby
from offhook.telemetry.logs import get_logger
from offhook.telemetry.pulse import Pulse

REQUESTS_FINISH_WITHIN_S: Final = 3
"""Requests that still run then (live feeds, mostly) are cut."""

log = get_logger("offhook.door.server")


class GatewayServer(uvicorn.Server):
    """Serves until told to stop, and until the last call has gone. ``drain(now)`` sees to the calls.

    ``warm_up`` runs beside it from the start. Calls do not wait for it: the first of them may need what it prepares.
    ``pulse`` is taken as long as it serves.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        drain: Callable[[bool], Awaitable[None]],
        *,
        warm_up: Callable[[], Awaitable[None]] | None = None,
        pulse: Pulse | None = None,
    ) -> None:
        self.lobby = Lobby()
        config.http = http_with(self.lobby)
        self._pulse = pulse
        super().__init__(config)
        self._drain = drain
        self._warm_up = warm_up
        self._warming: asyncio.Task[None] | None = None
        self._signals = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: set[asyncio.Task[None]] = set()

    async def _serve(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super()._serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the door, and begin to warm up."""
        await super().startup(sockets)
        if self._pulse is not None:
            self._pulse.start()
        if self._warm_up is not None:
            self._warming = asyncio.get_running_loop().create_task(self._warm(self._warm_up), name="warm-up")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the door."""
        if self._pulse is not None:
            self._pulse.stop()
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
        await super().shutdown(sockets)

    async def _warm(self, warm_up: Callable[[], Awaitable[None]]) -> None:
        try:
            await warm_up()
        except Exception:
            log.warning("the warm-up failed", exc_info=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to stop. Called by Python between any two steps, so the work is left to the loop."""
        self._signals += 1
        if self._loop is None or self._signals > 2:
            super().handle_exit(sig, frame)
        else:
            self._loop.call_soon_threadsafe(self.stop, self._signals > 1)

    def stop(self, now: bool = False) -> None:
        """Begin to stop; ``now``: without waiting for calls to end by themselves."""
        log.info("ending the calls" if now else "stopping: no new calls; those that run may end by themselves")
        task = asyncio.get_running_loop().create_task(self._stop(now))
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def _stop(self, now: bool) -> None:
        try:
            await self._drain(now)
        except Exception:
            log.exception("the calls could not be ended in order")
        finally:
            self.should_exit = True
