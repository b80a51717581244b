"""A server of the smallest kind over real sockets: it says hello, and repeats what it is told."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest
import websockets
from picows import WSListener, WSUpgradeRequest, WSUpgradeResponseWithListener, ws_create_server
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from offhook.realtime_server import socket
from offhook.realtime_server.socket import Connection, refused
from offhook.wires.messages import FramingError

LIMIT_BYTES = 10_000


class Echo(Connection):
    def __init__(self, *, unsent_limit_bytes: int | None = None) -> None:
        super().__init__(limit_bytes=LIMIT_BYTES, unsent_limit_bytes=unsent_limit_bytes)
        self.told: list[str] = []
        self.refused_frames: list[FramingError] = []
        self.lost = asyncio.Event()

    def on_open(self) -> None:
        self.send(b"hello")

    def on_message(self, message: bytes) -> None:
        self.told.append(message.decode())
        match message:
            case b"hang up":
                self.hang_up(4000, "ä" * 100)
                self.hang_up(1011)
                self.send(b"never")
            case b"cut":
                self.cut()
            case b"break":
                raise ZeroDivisionError
            case b"flood":
                for _ in range(300):
                    self.send(bytes(100_000))
            case b"binary":
                self.send(message, is_binary=True)
            case _:
                self.send(message)

    def on_refused_frame(self, error: FramingError) -> None:
        self.refused_frames.append(error)

    def on_lost(self) -> None:
        assert not self.lost.is_set()
        assert self.is_ending
        self.send(b"never")
        self.hang_up(1000)
        self.cut()
        self.lost.set()


class Server:
    def __init__(self) -> None:
        self.connections: list[Echo] = []
        self.unsent_limit_bytes: int | None = None
        self.url = ""

    def admit(self, request: WSUpgradeRequest) -> WSListener | WSUpgradeResponseWithListener:
        if request.path == b"/forbidden":
            return refused(HTTPStatus.FORBIDDEN, "Not for you: „nein“.", "not_allowed")
        self.connections.append(Echo(unsent_limit_bytes=self.unsent_limit_bytes))
        return self.connections[-1]

    async def lost(self) -> Echo:
        """The one connection, once its end was told."""
        [connection] = self.connections
        await asyncio.wait_for(connection.lost.wait(), 5)
        return connection


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    listening = await ws_create_server(server.admit, "127.0.0.1", 0)
    server.url = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    yield server
    listening.close()
    for connection in server.connections:
        connection.cut()
        await asyncio.wait_for(connection.lost.wait(), 5)
    await listening.wait_closed()


async def close_of(client: websockets.ClientConnection) -> tuple[int, str] | None:
    """Read to the end, and say how it ended; None: without a close frame."""
    with pytest.raises(ConnectionClosed) as caught:
        await asyncio.wait_for(_all_of(client), 5)
    return None if caught.value.rcvd is None else (caught.value.rcvd.code, caught.value.rcvd.reason)


async def _all_of(client: websockets.ClientConnection) -> None:
    while True:
        await client.recv()


async def test_messages_come_whole_and_go_as_text(server: Server) -> None:
    async with websockets.connect(server.url) as client:
        assert await client.recv() == "hello"
        await client.send(["in ", "three ", "parts"])
        assert await client.recv() == "in three parts"
        await client.send("binary")
        assert await client.recv() == b"binary"
        await (await client.ping())
        await client.pong()
        await client.send("still here")
        assert await client.recv() == "still here"


async def test_a_refusal_is_an_answer_in_json(server: Server) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await websockets.connect(server.url + "forbidden")

    response = caught.value.response
    assert (response.status_code, response.headers["Content-Type"]) == (403, "application/json")
    assert json.loads(response.body) == {
        "error": {
            "message": "Not for you: „nein“.",
            "type": "invalid_request_error",
            "param": None,
            "code": "not_allowed",
        }
    }
    assert server.connections == []


async def test_it_hangs_up_once_and_says_why_as_far_as_that_fits(server: Server) -> None:
    async with websockets.connect(server.url) as client:
        await client.send("hang up")
        assert await close_of(client) == (4000, "ä" * 61)

    assert (await server.lost()).told == ["hang up"]


async def test_it_can_be_cut_without_a_word(server: Server) -> None:
    async with websockets.connect(server.url) as client:
        await client.send("cut")
        assert await close_of(client) is None

    await server.lost()


@pytest.mark.parametrize("code", [1000, 1001, 4321])
async def test_a_close_is_answered_with_its_own_code(server: Server, code: int) -> None:
    client = await websockets.connect(server.url)
    await client.close(code)

    assert client.close_code == code
    await server.lost()


async def test_an_empty_close_is_answered_too(server: Server) -> None:
    client = await websockets.connect(server.url)
    client.protocol.send_close()
    client.transport.writelines(client.protocol.data_to_send())

    assert await close_of(client) == (1000, "")
    await server.lost()


async def test_a_peer_that_just_goes_is_noticed(server: Server) -> None:
    client = await websockets.connect(server.url)
    await client.recv()
    client.transport.abort()

    await server.lost()


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([Frame(Opcode.BINARY, b"\x00\x01")], 1003),
        ([Frame(Opcode.TEXT, bytes(LIMIT_BYTES + 1))], 1009),
        ([Frame(Opcode.TEXT, bytes(LIMIT_BYTES), fin=False), Frame(Opcode.CONT, b"x", fin=False)], 1009),
        ([Frame(Opcode.CONT, b"x")], 1002),
        ([Frame(Opcode.TEXT, b"x", fin=False), Frame(Opcode.TEXT, b"y")], 1002),
    ],
)
async def test_what_is_no_message_ends_the_connection(server: Server, frames: list[Frame], code: int) -> None:
    async with websockets.connect(server.url) as client:
        for frame in [*frames, Frame(Opcode.TEXT, b"more")]:
            client.transport.write(frame.serialize(mask=True))
        ended = await close_of(client)

    assert ended is not None
    assert ended[0] == code
    connection = await server.lost()
    assert [error.close_code for error in connection.refused_frames] == [code]
    assert connection.told == []


async def test_an_error_in_one_connection_ends_that_one_alone(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    async with websockets.connect(server.url) as bystander:
        with caplog.at_level(logging.CRITICAL):
            async with websockets.connect(server.url) as client:
                await client.send("break")
                assert await close_of(client) == (1011, "")
        await bystander.recv()
        await bystander.send("here")
        assert await bystander.recv() == "here"


async def test_a_peer_that_does_not_answer_the_close_is_cut_after_a_while(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "CLOSE_LINGER_S", 0.05)
    reader, writer = await _upgrade_by_hand(server)
    writer.write(Frame(Opcode.TEXT, b"hang up").serialize(mask=True))

    await server.lost()

    assert b"\x0f\xa0" in await asyncio.wait_for(reader.read(), 5)  # 4000
    writer.close()


async def test_a_peer_that_leaves_too_much_unread_is_cut_off(server: Server) -> None:
    server.unsent_limit_bytes = 1_000_000
    _, writer = await _upgrade_by_hand(server)
    writer.write(Frame(Opcode.TEXT, b"flood").serialize(mask=True))

    await server.lost()

    writer.close()


async def test_a_peer_that_closes_and_reads_nothing_is_cut_after_a_while(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "CLOSE_LINGER_S", 0.05)
    _, writer = await _upgrade_by_hand(server)
    for frame in (Frame(Opcode.TEXT, b"flood"), Frame(Opcode.CLOSE, b"")):
        writer.write(frame.serialize(mask=True))

    await server.lost()

    writer.close()


async def _upgrade_by_hand(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A peer that does only what it is made to do; it takes in 64 KiB, and then no more unless read."""
    port = int(server.url.rstrip("/").rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer
