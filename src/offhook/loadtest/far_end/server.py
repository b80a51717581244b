"""The sockets: takes connections, and carries between each and its session."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from picows import WSListener, WSUpgradeRequest, WSUpgradeResponseWithListener, ws_create_server

from offhook.loadtest.far_end.connection import FarEndConnection
from offhook.loadtest.far_end.cuts import Cuts
from offhook.loadtest.far_end.faults import NO_FAULTS, Faults
from offhook.loadtest.far_end.gauges import Gauges, SessionGauge
from offhook.loadtest.far_end.script import Script
from offhook.loadtest.far_end.session import Session
from offhook.loadtest.far_end.timetable import Timetable
from offhook.loadtest.twilio.clock import Clock
from offhook.realtime_server.socket import refused
from offhook.wires.openai_realtime.server_events import MESSAGE_LIMIT_BYTES

PATH = "/v1/realtime"
FRAME_MS = 20
SESSION_LIMIT_S = 3600
"""What ``expires_at`` promises; sessions end only if a fault says so."""

_SHUTDOWN_S = 1.0


class FarEnd:
    """A scripted OpenAI Realtime server.

    ``script`` and ``faults`` hold for all sessions, or are asked for each with its number from 0. With ``api_key`` set,
    others get HTTP 401. ``?model=`` must be there unless ``requires_model`` is False. ``keep_audio`` keeps what callers
    said, in ``session.appended.sound``. Without ``hears_turns`` nobody is ever heard to speak or to stop.

    With ``gauges`` it serves for load: it counts there, remembers no session that is over, and paces replies by one
    clock for all, which takes a script at real pace in deltas of 20 ms. ValueError if it is another.
    """

    def __init__(
        self,
        script: Script | Callable[[int], Script],
        *,
        faults: Faults | Callable[[int], Faults] = NO_FAULTS,
        api_key: str | None = None,
        requires_model: bool = True,
        host: str = "127.0.0.1",
        port: int = 0,
        keep_audio: bool = False,
        hears_turns: bool = True,
        gauges: Gauges | None = None,
    ) -> None:
        if gauges is not None and not (isinstance(script, Script) and (script.pace, script.delta_ms) == (1, FRAME_MS)):
            raise ValueError(f"under load there is one script, at pace 1 and with deltas of {FRAME_MS} ms")
        self.sessions: list[Session] = []
        """All that were ever opened, in order; none under load."""
        self._script = script
        self._faults = faults
        self._api_key = api_key
        self._requires_model = requires_model
        self._host = host
        self._port = port
        self._keep_audio = keep_audio
        self._hears_turns = hears_turns
        self._gauges = gauges
        self._clock: Clock | None = None
        self._cuts = Cuts()
        self._tried = 0
        self._connections: set[FarEndConnection] = set()
        self._watchers: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._server: asyncio.Server | None = None
        self._timetable: Timetable | None = None

    @property
    def url(self) -> str:
        """Where a gateway finds it, without the model."""
        return f"ws://{self._host}:{self._port}{PATH}"

    async def __aenter__(self) -> Self:
        self._timetable = Timetable(asyncio.get_running_loop())
        if self._gauges is not None:
            self._clock = Clock()
        self._server = await ws_create_server(
            self._admit, self._host, self._port, max_frame_size=MESSAGE_LIMIT_BYTES, read_buffer_init_size=4096
        )
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        server, timetable = self._server, self._timetable
        if server is None or timetable is None:
            return
        timetable.close()
        server.close()
        for connection in list(self._connections):
            connection.cut()
        # A peer that has connected and asked for nothing yet would hold wait_closed() until its handshake times out.
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), _SHUTDOWN_S)

    async def until(self, condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
        """Wait until ``condition`` holds; it is looked at whenever a session hears or says something, or ends.

        Raises TimeoutError, or whatever ``condition`` raises.
        """
        if condition():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        watcher = (condition, future)
        self._watchers.append(watcher)
        try:
            await asyncio.wait_for(future, timeout_s)
        finally:
            self._watchers.remove(watcher)

    def _admit(self, request: WSUpgradeRequest) -> "WSListener | WSUpgradeResponseWithListener":
        assert self._timetable is not None
        url = urlsplit(request.path.decode("latin-1"))
        model = parse_qs(url.query).get("model", [""])[0]
        number = self._tried
        if url.path != PATH:
            return refused(HTTPStatus.NOT_FOUND, f"Invalid URL (GET {url.path})", None)
        if self._api_key is not None and request.headers.get("Authorization") != f"Bearer {self._api_key}":
            return refused(HTTPStatus.UNAUTHORIZED, "Incorrect API key provided.", "invalid_api_key")
        if not model and self._requires_model:
            return refused(HTTPStatus.BAD_REQUEST, "You must provide a model parameter.", "missing_model")
        self._tried += 1
        faults = self._faults if isinstance(self._faults, Faults) else self._faults(number)
        if faults.refuse_status is not None:
            return refused(HTTPStatus(faults.refuse_status), "The script of this server says so.", None)
        session = Session(
            self._script if isinstance(self._script, Script) else self._script(number),
            faults=faults,
            number=number,
            model=model or "gpt-realtime-2",
            cuts=self._cuts,
            keep_audio=self._keep_audio,
            hears_turns=self._hears_turns,
            expires_at=int(time.time()) + SESSION_LIMIT_S,
        )
        gauge = None if self._gauges is None else SessionGauge(self._gauges)
        return FarEndConnection(session, self._timetable, self, self._clock, gauge)

    # What its connections tell it.

    def joined(self, connection: FarEndConnection) -> None:
        """It is open."""
        self._connections.add(connection)
        if self._gauges is None:
            self.sessions.append(connection.session)

    def left(self, connection: FarEndConnection) -> None:
        """It is gone."""
        self._connections.discard(connection)
        self.moved()

    def moved(self) -> None:
        """Look whether somebody waits for what has happened now."""
        for condition, future in self._watchers:
            if future.done():
                continue
            try:
                if condition():
                    future.set_result(None)
            except Exception as error:  # whoever waits shall have it, not the session that happened to move
                future.set_exception(error)
