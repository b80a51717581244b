"""A server of the Realtime protocol whose every word is the test's, for what a well-behaved one never says."""

import asyncio
import json
import socket
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import websockets
from websockets.asyncio.server import Server, ServerConnection

from offhook.audio.formats import PCMU_8K
from offhook.calls import engine
from offhook.calls.engine import Brief, EngineEvent, EngineSession
from offhook.engines.openai import OpenAIEngine
from offhook.loadtest.far_end import FarEnd
from offhook.loadtest.far_end.rehearsal import VOICE_HZ
from offhook.loadtest.far_end.tones import tone

BRIEF = Brief("call_1", "Be brief.", PCMU_8K)


def realtime(url: str, *, within_s: float = 3, api_key: str = "x", transcription_model: str = "") -> OpenAIEngine:
    return OpenAIEngine(url, api_key, "gpt-realtime-2", transcription_model, within_s)


class Ear:
    """Keeps what a session tells."""

    def __init__(self, session: EngineSession) -> None:
        self.events: list[EngineEvent] = []
        self._came = asyncio.Event()
        session.listen(self)

    def on_engine(self, event: EngineEvent) -> None:
        self.events.append(event)
        self._came.set()

    def all(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, kind: type[Any], count: int = 1) -> Any:
        """The ``count``-th event of that kind."""
        await self.until_that(lambda: len(self.all(kind)) >= count)
        return self.all(kind)[count - 1]

    async def until_that(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self._came.clear()
                await self._came.wait()

    @property
    def gone(self) -> engine.EngineGone | None:
        gone = self.all(engine.EngineGone)
        assert len(gone) <= 1
        return gone[0] if gone else None


class Vendor:
    """One connection at a time. It confirms the set-up, if ``confirms``, and says nothing else by itself."""

    def __init__(self, *, confirms: bool = True, ssl: Any = None) -> None:
        self.confirms = confirms
        self.heard: list[dict[str, Any]] = []
        self._ssl = ssl
        self._server: Server | None = None
        self._connection: ServerConnection | None = None
        self._came = asyncio.Event()
        self.left = asyncio.Event()
        """The client has closed the connection, or it broke."""

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(next(iter(self._server.sockets)).getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'ws' if self._ssl is None else 'wss'}://127.0.0.1:{self.port}/v1/realtime"

    async def __aenter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)  # so that it is soon full
        self._server = await websockets.serve(
            self._serve, sock=listener, ssl=self._ssl, compression=None, ping_interval=None, max_size=None
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        if self._connection is not None:
            self._connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, connection: ServerConnection) -> None:
        self._connection = connection
        self.left.clear()
        try:
            async for message in connection:
                event = json.loads(message)
                self.heard.append(event)
                if event["type"] == "session.update" and self.confirms:
                    await self.say({"type": "session.updated", "session": event["session"]})
                self._came.set()
        except websockets.ConnectionClosed:
            pass
        finally:
            self.left.set()
            self._came.set()

    async def say(self, *events: dict[str, Any] | str | bytes) -> None:
        assert self._connection is not None
        for event in events:
            await self._connection.send(json.dumps(event) if isinstance(event, dict) else event)

    async def close(self, code: int, reason: str = "") -> None:
        assert self._connection is not None
        await self._connection.close(code, reason)

    def drop(self) -> None:
        assert self._connection is not None
        self._connection.transport.abort()

    def pause(self) -> None:
        """Read nothing more."""
        assert self._connection is not None
        self._connection.transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        assert self._connection is not None
        self._connection.transport.resume_reading()

    def said(self, kind: str) -> list[dict[str, Any]]:
        """What the client said of that kind."""
        return [event for event in self.heard if event["type"] == kind]

    async def until(self, kind: str, count: int = 1) -> dict[str, Any]:
        async with asyncio.timeout(5):
            while len(self.said(kind)) < count:
                self._came.clear()
                await self._came.wait()
        return self.said(kind)[count - 1]

    async def settled(self) -> None:
        """Everything that the client had to say by now has been heard."""
        assert self._connection is not None
        await (await self._connection.ping())

    async def session(self, brief: Brief = BRIEF) -> tuple[EngineSession, Ear]:
        session = await realtime(self.url).open(brief)
        return session, Ear(session)


def response(response_id: str, status: str = "in_progress", **more: Any) -> dict[str, Any]:
    return {"id": response_id, "object": "realtime.response", "status": status, "output": [], **more}


def created(response_id: str) -> dict[str, Any]:
    return {"type": "response.created", "response": response(response_id)}


def done(response_id: str, status: str = "completed", **more: Any) -> dict[str, Any]:
    return {"type": "response.done", "response": response(response_id, status, **more)}


def error(code: str, event_id: str | None = None, message: str = "no") -> dict[str, Any]:
    return {
        "type": "error",
        "error": {"type": "invalid_request_error", "code": code, "message": message, "event_id": event_id},
    }


TURN = tone(VOICE_HZ, 300) + PCMU_8K.silence(600)
"""A caller who speaks and then waits."""


def speak(session: EngineSession, sound: bytes = TURN) -> None:
    for at in range(0, len(sound), 160):
        session.hear(sound[at : at + 160])


async def opened(far_end: FarEnd, **brief: Any) -> tuple[EngineSession, Ear]:
    session = await realtime(far_end.url, transcription_model="gpt-4o-mini-transcribe").open(replace(BRIEF, **brief))
    return session, Ear(session)
