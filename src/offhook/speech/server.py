"""The speech server on a port: sessions over WebSocket, the voice over HTTP."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from http import HTTPStatus
from importlib.metadata import version
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from picows import WSUpgradeRequest
from starlette.exceptions import HTTPException as StarletteHTTPException

from offhook.dialogue.chat import Endpoint
from offhook.dialogue.port import Role
from offhook.door.access import Visitor
from offhook.door.http import http_with
from offhook.door.limits import BodyLimit
from offhook.door.lobby import Lobby
from offhook.door.slot import Answer, make_slot
from offhook.realtime_server.socket import refused
from offhook.settings import LanguageModel, Settings
from offhook.speech.address import BACKLOG, PATH, listen, url_of
from offhook.speech.connection import MESSAGE_LIMIT_BYTES, SpeechConnection
from offhook.speech.faculties import Faculties
from offhook.speech.http import error_body, speech_routes
from offhook.speech.lessons import Lesson
from offhook.telemetry.logs import get_logger

DEFAULT_MODEL: Final = "local"
"""Of a client that names none; which one it names has no effect."""

MODEL_LIMIT_CHARS: Final = 100
SESSIONS: Final = 64
SESSION_LIMIT_S: Final = 24 * 3600
"""A call this long is a forgotten one."""

FINISH_WITHIN_S: Final = 3
"""On the way out, requests that still run are cut after so long."""

_log = get_logger(__name__)


class _Uvicorn(uvicorn.Server):
    """Signals are for whoever runs the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class SpeechServer:
    """Serves while its block is entered. ``listener`` is an open socket; without one, ``host`` and ``port`` (0: any).

    With ``api_key`` set, others get HTTP 401; without, everyone who is not on this machine. With ``endpoint``, what is
    said is a language model's.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        listener: socket.socket | None = None,
        sessions: int = SESSIONS,
        session_limit_s: float = SESSION_LIMIT_S,
        api_key: str | None = None,
        endpoint: Endpoint | None = None,
        faculties: Faculties | None = None,
    ) -> None:
        self.connections: set[SpeechConnection] = set()
        """Those that are open."""
        self._listener = listener or listen(host, port)
        self._most_sessions = sessions
        self._session_limit_s = session_limit_s
        self._api_key = api_key
        self._endpoint = endpoint
        self._given = faculties
        self._faculties: Faculties | None = None
        self._lesson: Lesson | None = None
        self._tried = 0
        self._stack = AsyncExitStack()
        self._stopping = False

    @property
    def url(self) -> str:
        """Where a gateway finds it."""
        return url_of(self._listener)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as undo:
            undo.callback(self._listener.close)
            faculties = self._given or await Faculties.start(sessions=self._most_sessions, endpoint=self._endpoint)
            if self._given is None:
                undo.push_async_callback(faculties.close)
            self._lesson = await faculties.lessons.lesson(Role())
            self._faculties = faculties
            server = _Uvicorn(self._config(self._app(faculties)))
            serving = asyncio.create_task(server.serve([self._listener]))
            undo.push_async_callback(self._stop, server, serving)
            up = asyncio.create_task(server.is_up.wait())
            await asyncio.wait({serving, up}, return_when=asyncio.FIRST_COMPLETED)
            up.cancel()
            self._stack = undo.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _stop(self, server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
        self._stopping = True
        for connection in list(self.connections):
            connection.dismiss("the server stops")
        server.should_exit = True
        await serving

    def _config(self, app: FastAPI) -> uvicorn.Config:
        return uvicorn.Config(
            app,
            http=http_with(Lobby()),
            ws=make_slot(self._upgrade, message_limit_bytes=MESSAGE_LIMIT_BYTES, prefix=PATH),
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=FINISH_WITHIN_S,
        )

    def _app(self, faculties: Faculties) -> FastAPI:
        app = FastAPI(title="Offhook speech", version=version("offhook"), docs_url=None, redoc_url=None)
        app.add_middleware(BodyLimit)

        def admits(request: Request) -> bool:
            return self._admits(Visitor(request.client.host if request.client else None, request.headers))

        app.include_router(speech_routes(faculties.voice, admits, lambda: len(self.connections)))

        @app.exception_handler(StarletteHTTPException)
        async def refused_by_rule(request: Request, error: StarletteHTTPException) -> JSONResponse:
            return JSONResponse(error_body(str(error.detail)), status_code=error.status_code, headers=error.headers)

        @app.exception_handler(RequestValidationError)
        async def not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
            first = error.errors()[0]
            param = str(first["loc"][1]) if len(first["loc"]) > 1 else None
            return JSONResponse(error_body(f"{param or 'body'}: {first['msg']}"[:500], param=param), status_code=400)

        return app

    def _admits(self, visitor: Visitor) -> bool:
        return visitor.is_local if self._api_key is None else visitor.holds(self._api_key)

    def _upgrade(self, request: WSUpgradeRequest, peer: str | None) -> Answer:
        url = urlsplit(request.path.decode("latin-1"))
        if url.path != PATH:
            return refused(HTTPStatus.NOT_FOUND, f"Invalid URL (GET {url.path[:100]})", None)
        if not self._admits(Visitor(peer, request.headers)):
            return refused(HTTPStatus.UNAUTHORIZED, "Incorrect API key provided.", "invalid_api_key")
        if self._stopping or len(self.connections) >= self._most_sessions:
            _log.warning("a session was refused", sessions=len(self.connections), most=self._most_sessions)
            return refused(HTTPStatus.SERVICE_UNAVAILABLE, "The server is full.", "server_is_overloaded")
        assert self._faculties is not None
        assert self._lesson is not None
        self._tried += 1
        connection = SpeechConnection(
            self._faculties,
            self._lesson,
            number=self._tried,
            model=parse_qs(url.query).get("model", [""])[0][:MODEL_LIMIT_CHARS] or DEFAULT_MODEL,
            expires_at=int(time.time() + self._session_limit_s),
            limit_s=self._session_limit_s,
            left=self.connections.discard,
        )
        self.connections.add(connection)
        return connection


def endpoint_of(settings: Settings) -> Endpoint | None:
    """The language model that the settings name, if they do. SettingsError if they name half of one."""
    model = LanguageModel.of(settings)
    return Endpoint(model.url, model.model, model.api_key) if model is not None else None
