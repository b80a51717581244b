"""The seam between uvicorn, picows and the ASGI application: one port, three protocols."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
import websockets
from fastapi import FastAPI, WebSocket
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, WSUpgradeResponse
from picows import WSUpgradeResponseWithListener as Refusal
from tests.by_hand import PING, PONG, TEXT, Stream, frame
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from offhook.door.server import GatewayServer
from offhook.door.slot import Answer, make_slot

LIMIT_BYTES = 64 * 1024

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Echo(WSListener):
    """A media stream that sends back what it hears."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type != WSMsgType.PONG:
            transport.send(frame.msg_type, frame.get_payload_as_bytes())


@dataclass(frozen=True, slots=True)
class House:
    """Something that serves all three."""

    authority: str
    asked: list[tuple[WSUpgradeRequest, str | None]]
    """The media upgrades that it was asked for."""

    def media(self, call: str = "call_1") -> str:
        return f"ws://{self.authority}/ws/media/w0/{call}/token"


@pytest.fixture
def house(built: House) -> House:
    built.asked.clear()
    return built


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built() -> AsyncIterator[House]:
    asked: list[tuple[WSUpgradeRequest, str | None]] = []
    app = FastAPI()

    @app.get("/hello")
    async def hello() -> dict[str, str]:
        return {"hello": "there"}

    @app.websocket("/ws/ordinary")
    async def ordinary(socket: WebSocket) -> None:
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(text.upper())

    def media(request: WSUpgradeRequest, peer: str | None) -> Answer:
        asked.append((request, peer))
        if request.path.endswith(b"/refused"):
            return Refusal(WSUpgradeResponse.create_error_response(403, b"no\n"), None)
        if request.path.endswith(b"/broken"):
            raise RuntimeError("a bug")
        return Echo()

    async def drain(now: bool) -> None:
        return None

    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        ws=make_slot(media, message_limit_bytes=LIMIT_BYTES),
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
    )
    server = GatewayServer(config, drain)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.wait([serving], timeout=0.005)
    try:
        yield House(f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", asked)
    finally:
        server.stop()
        await serving


async def test_an_ordinary_websocket_still_reaches_the_application(house: House) -> None:
    async with websockets.connect(f"ws://{house.authority}/ws/ordinary", proxy=None) as socket:
        await socket.send("hello")
        assert await socket.recv() == "HELLO"
    with pytest.raises(InvalidStatus):
        await websockets.connect(f"ws://{house.authority}/ws/nowhere", proxy=None)

    assert house.asked == []


async def test_a_media_stream_does_not(house: House) -> None:
    async with websockets.connect(house.media(), proxy=None) as socket:
        for message in ("hello", b"\x00\xff", "x" * 60_000):
            await socket.send(message)
            assert await socket.recv() == message
        await (await socket.ping())

    [(request, peer)] = house.asked
    assert (request.path, peer) == (b"/ws/media/w0/call_1/token", "127.0.0.1")
    assert request.headers["host"] == house.authority


async def test_a_refusal_is_told_with_its_status_and_reason(house: House) -> None:
    async with await Stream.to(f"ws://{house.authority}/ws/media/refused") as stream:
        assert (stream.answer.status, stream.answer.body) == (403, b"no\n")
    with pytest.raises(InvalidStatus, match="403"):
        await websockets.connect(f"ws://{house.authority}/ws/media/refused", proxy=None)


async def test_a_bug_in_one_upgrade_is_answered_and_hurts_no_other(house: House) -> None:
    async with await Stream.to(house.media()) as good:
        async with await Stream.to(f"ws://{house.authority}/ws/media/broken") as broken:
            assert broken.answer.status == 500
        good.say("still here")
        assert await good.next() == (TEXT, b"still here")


async def test_what_comes_together_with_the_upgrade_request_is_not_lost(house: House) -> None:
    first = frame(TEXT, b"first") + frame(TEXT, b"second" * 5000) + frame(PING, b"p")
    async with await Stream.to(house.media(), together_with=first) as stream:
        assert [await stream.next() for _ in range(3)] == [
            (TEXT, b"first"),
            (TEXT, b"second" * 5000),
            (PONG, b"p"),
        ]
    async with await Stream.to(f"ws://{house.authority}/ws/ordinary", together_with=frame(TEXT, b"hello")) as ordinary:
        assert await ordinary.next() == (TEXT, b"HELLO")


async def test_nor_is_half_a_frame(house: House) -> None:
    whole = frame(TEXT, b"x" * 1000)
    async with await Stream.to(house.media(), together_with=whole[:500]) as stream:
        stream.writer.write(whole[500:])
        assert await stream.next() == (TEXT, b"x" * 1000)


async def test_what_follows_a_refused_upgrade_is_ignored(house: House, caplog: pytest.LogCaptureFixture) -> None:
    pipelined = b"GET /ws/media/refused HTTP/1.1\r\nHost: h\r\n\r\n" + frame(TEXT, b"x")
    async with await Stream.to(f"ws://{house.authority}/ws/media/refused", together_with=pipelined) as stream:
        assert (stream.answer.status, stream.answer.body) == (403, b"no\n")

    assert len(house.asked) == 1
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("connection", ["upgrade", "Upgrade", "keep-alive, Upgrade", "Upgrade, keep-alive"])
async def test_upgrade_may_stand_anywhere_in_the_connection_header(house: House, connection: str) -> None:
    async with await Stream.to(house.media(), Connection=connection) as stream:
        assert stream.answer.status == 101
        stream.say("hello")
        assert await stream.next() == (TEXT, b"hello")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_WebSocket_Key": ""},
        {"Sec_WebSocket_Key": "short"},
        {"Sec_WebSocket_Version": "99"},
        {"Content_Length": "5"},
    ],
)
async def test_a_broken_upgrade_is_answered_with_400(house: House, headers: dict[str, Any]) -> None:
    async with await Stream.to(house.media(), **headers) as stream:
        assert stream.answer.status == 400


async def test_without_an_upgrade_the_path_is_not_found(house: House) -> None:
    async with await Stream.to(house.media(), Upgrade="", Connection="close") as stream:
        assert stream.answer.status == 404

    assert house.asked == []


async def test_an_upgrade_may_come_after_requests_on_the_same_connection(house: House) -> None:
    request = b"GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"
    upgrade = (
        b"GET /ws/media/w0/call_1/t HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    host, port = house.authority.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for _ in range(2):
        writer.write(request)
        await reader.readuntil(b'{"hello":"there"}')
    writer.write(upgrade)
    async with Stream(reader, writer) as stream:
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        stream.say("hello")
        assert await stream.next() == (TEXT, b"hello")


async def test_many_upgrades_at_once_are_each_their_own(house: House) -> None:

    async def one(number: int) -> bytes:
        media = number % 3
        path = f"/ws/media/w0/call_{number}/t" if media else "/ws/ordinary"
        async with await Stream.to(f"ws://{house.authority}{path}") as stream:
            assert stream.answer.status == 101
            stream.say(f"call {number}")
            _, said = await stream.next()
            return said

    said = await asyncio.gather(*(one(number) for number in range(150)))

    assert said == [b"call %d" % n if n % 3 else b"CALL %d" % n for n in range(150)]
    assert len(house.asked) == 100


async def test_a_frame_over_the_limit_closes_the_stream_with_1009(house: House) -> None:
    async with websockets.connect(house.media(), proxy=None) as socket:
        await socket.send("x" * LIMIT_BYTES)
        assert await socket.recv() == "x" * LIMIT_BYTES
        await socket.send("x" * (LIMIT_BYTES + 1))
        with pytest.raises(ConnectionClosedError) as closed:
            await socket.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
