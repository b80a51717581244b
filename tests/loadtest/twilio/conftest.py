"""A gateway of the tests: answers webhooks with the TwiML it was told to, and takes streams."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Upgrade
from websockets.http11 import Response as Refusal

from offhook.loadtest.twilio import Behaviour, TwilioStandIn
from offhook.loadtest.twilio.api_server import ApiServer

TOKEN = "testtoken123"
ACCOUNT = "AC" + "1" * 32


@dataclass(frozen=True)
class Asked:
    """One webhook, as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    form: dict[str, str]


class Peer:
    """The server's end of one stream."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        request = connection.request
        assert request is not None
        self.path = request.path
        self.headers = dict(request.headers.raw_items())
        self.messages: list[dict[str, Any]] = []
        self.closed = asyncio.Event()
        self._news = asyncio.Event()

    @property
    def sid(self) -> str:
        return str(self.messages[1]["streamSid"])

    def events(self, *names: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] in names]

    async def until(self, event: str, count: int = 1) -> dict[str, Any]:
        """The message that makes it ``count`` of this event."""
        async with asyncio.timeout(5):
            while len(self.events(event)) < count:
                self._news.clear()
                await self._news.wait()
        return self.events(event)[count - 1]

    async def send(self, event: str, **body: Any) -> None:
        await self.connection.send(json.dumps({"event": event, "streamSid": self.sid, **body}))

    async def play(self, duration_ms: int, code: int = 0x55) -> None:
        await self.send("media", media={"payload": b64encode(bytes([code]) * 8 * duration_ms).decode()})

    async def mark(self, name: str) -> None:
        await self.send("mark", mark={"name": name})

    async def clear(self) -> None:
        await self.send("clear")

    async def read(self) -> None:
        try:
            async for message in self.connection:
                self.messages.append(json.loads(message))
                self._news.set()
        except (ConnectionClosed, json.JSONDecodeError):
            pass
        self.closed.set()


class Gateway:
    """``answer`` says what a path gives; ``asked`` is what came; ``stream`` waits for the next one to be opened."""

    def __init__(self) -> None:
        self.url = ""
        self.stream_url = ""
        self.asked: list[Asked] = []
        self.refuse_streams = False
        self._answers: dict[str, list[Response]] = {}
        self._streams: asyncio.Queue[Peer] = asyncio.Queue()

    def answer(self, path: str, *bodies: object, status: int = 200, media_type: str = "text/xml") -> None:
        """One body after another; the last one for ever."""
        self._answers[path] = [Response(str(body), status, media_type=media_type) for body in bodies]

    def answer_bytes(self, path: str, body: bytes) -> None:
        self._answers[path] = [Response(body, media_type="audio/wav")]

    def asked_for(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    async def stream(self) -> Peer:
        async with asyncio.timeout(5):
            peer = await self._streams.get()
        await peer.until("start")
        return peer

    async def take_webhook(self, request: Request) -> Response:
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        path = request.url.path
        self.asked.append(Asked(request.method, path, request.url.query, dict(request.headers), form))
        answers = self._answers.get(path)
        if not answers:
            return Response("nothing here", 404)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def take_stream(self, connection: ServerConnection) -> None:
        peer = Peer(connection)
        self._streams.put_nowait(peer)
        await peer.read()

    def upgrade(self, connection: ServerConnection, request: Upgrade) -> Refusal | None:
        return connection.respond(403, "no") if self.refuse_streams else None


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    app = FastAPI()
    app.add_api_route("/{path:path}", gateway.take_webhook, methods=["GET", "POST"])
    async with (
        ApiServer(app, "127.0.0.1", 0) as http,
        serve(gateway.take_stream, "127.0.0.1", 0, process_request=gateway.upgrade) as sockets,
    ):
        gateway.url = http.url
        gateway.stream_url = f"ws://127.0.0.1:{next(iter(sockets.sockets)).getsockname()[1]}/media"
        yield gateway


MakeTwilio = Callable[..., Awaitable[TwilioStandIn]]


@pytest.fixture
async def make_twilio(gateway: Gateway) -> AsyncIterator[MakeTwilio]:
    """``await make_twilio(after_loss=…, fallback_url=…)``: knobs of the behaviour and of the stand-in alike."""
    async with AsyncExitStack() as stack:

        async def make(**knobs: Any) -> TwilioStandIn:
            knobs = {"calls_per_second": 1000.0} | knobs
            behaviour = {name: knobs.pop(name) for name in list(knobs) if name in Behaviour.__dataclass_fields__}
            settings: dict[str, Any] = {
                "account_sid": ACCOUNT,
                "auth_token": TOKEN,
                "voice_url": f"{gateway.url}/voice",
                **knobs,
            }
            return await stack.enter_async_context(TwilioStandIn(behaviour=Behaviour(**behaviour), **settings))

        yield make


@pytest.fixture
async def twilio(make_twilio: MakeTwilio) -> TwilioStandIn:
    return await make_twilio()
