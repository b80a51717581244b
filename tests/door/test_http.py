"""What a request may bring, and how long it may take, before any of our code sees it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.gateway import RunningGateway, network, running_gateway
from tests.waiting import eventually

from offhook.calls.events import NoteMade
from offhook.door import http

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[RunningGateway]:
    async with running_gateway() as gateway:
        yield gateway


async def conversation(running: RunningGateway, *pieces: bytes, within_s: float = 5) -> bytes:
    """Say these, one after another, and return all that comes until the door is shut."""
    reader, writer = await asyncio.open_connection(running.host, running.port)
    try:
        async with asyncio.timeout(within_s):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: h\r\n"


async def test_a_head_of_ordinary_size_is_read_in_any_pieces(running: RunningGateway) -> None:
    request = HEALTH + b"X-Long: " + b"x" * 8000 + b"\r\nConnection: close\r\n\r\n"
    pieces = [request[at : at + 500] for at in range(0, len(request), 500)]

    assert (await conversation(running, *pieces)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("filler", [b"X-Long: " + b"x" * 64_000, b"X: y\r\n" * 12_000], ids=["one long", "many"])
async def test_a_head_without_end_is_answered_with_431_and_cut(running: RunningGateway, filler: bytes) -> None:
    pieces = [filler[at : at + 4096] for at in range(0, len(filler), 4096)]

    # The answer may be lost: whoever still sends when the socket is closed is sent a reset.
    assert (await conversation(running, HEALTH, *pieces))[:13] in (b"HTTP/1.1 431 ", b"")


async def test_a_head_that_comes_in_one_piece_has_the_same_limit(running: RunningGateway) -> None:
    for head in (HEALTH + b"X-Long: " + b"x" * 20_000, HEALTH + b"X: y\r\n" * 3000, b"GET /" + b"x" * 20_000):
        end = b"\r\n\r\n" if head.startswith(HEALTH) else b" HTTP/1.1\r\nHost: h\r\n\r\n"
        assert (await conversation(running, head + end))[:13] in (b"HTTP/1.1 431 ", b"")


async def test_many_requests_on_one_connection_do_not_add_up(running: RunningGateway) -> None:
    request = HEALTH + b"X-Long: " + b"x" * 5000 + b"\r\n"
    answers = await conversation(running, *[request + b"\r\n"] * 6, request + b"Connection: close\r\n\r\n")

    assert answers.count(b"HTTP/1.1 200 ") == 7


@pytest.mark.parametrize("said", [b"", b"\r\n", b"GET /healthz HT", HEALTH, b"POST /api/calls HTTP/1.1\r\nHost: h\r\n"])
async def test_who_does_not_finish_a_request_is_not_waited_for(
    running: RunningGateway, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "REQUEST_WITHIN_S", 0.2)

    assert await conversation(running, said) == b""


async def test_who_trickles_a_request_is_not_waited_for(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "REQUEST_WITHIN_S", 0.3)
    reader, writer = await asyncio.open_connection(running.host, running.port)

    async def trickle() -> None:
        while True:
            writer.write(b"\r\n")
            await asyncio.sleep(0.02)

    trickling = asyncio.create_task(trickle())
    try:
        assert await asyncio.wait_for(reader.read(), 5) == b""
    except ConnectionResetError:
        pass
    finally:
        trickling.cancel()
        writer.close()


async def test_who_is_being_answered_is_not_cut(running: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "REQUEST_WITHIN_S", 0.1)
    async with running.http() as client, client.stream("GET", "/api/events") as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == ": watching"
        await asyncio.sleep(0.3)
        running.gateway.feed.publish("call_1", NoteMade("note_1", "Anything."))

        assert await anext(lines) == ""
        assert await anext(lines) == "event: note"


async def test_nonsense_is_answered_with_400(running: RunningGateway) -> None:
    for nonsense in (b"\x16\x03\x01\x02\x00\x01", b"HELO there\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        assert (await conversation(running, nonsense))[:13] in (b"HTTP/1.1 400 ", b"HTTP/1.1 404 ")


async def test_requests_that_wait_on_one_connection_are_few(running: RunningGateway) -> None:
    request = HEALTH + b"\r\n"
    answers = await conversation(running, request * 10 + HEALTH + b"Connection: close\r\n\r\n")
    assert answers.count(b"HTTP/1.1 200 ") == 11

    answers = await conversation(running, request * 5000)
    assert answers.count(b"HTTP/1.1 200 ") <= http.PIPELINED_LIMIT + 1


async def test_who_does_not_take_an_answer_is_not_waited_for(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "REQUEST_WITHIN_S", 0.2)
    monkeypatch.setattr(http, "TAKEN_WITHIN_S", 0.2)
    _, writer = await asyncio.open_connection(running.host, running.port, limit=1024)
    try:
        for _ in range(3000):  # more answers than the sockets between us hold
            writer.write(HEALTH + b"\r\n")
            await asyncio.sleep(0)
        await eventually(lambda: not running.server.server_state.connections, within_s=10)
    finally:
        writer.transport.abort()


async def test_a_crowd_that_says_nothing_keeps_nobody_out() -> None:
    async with network() as net:
        net.running.server.lobby.limit = 20
        bystander = await net.connected()
        crowd = [await asyncio.open_connection(net.running.host, net.running.port) for _ in range(200)]
        for _, writer in crowd:
            writer.write(b"GET /healthz HT")

        line = await net.connected()
        await eventually(lambda: [net.of(each).state for each in (bystander, line)] == ["talking"] * 2)
        assert (await net.http.get("/api/calls")).status_code == 200
        assert len(net.running.server.lobby) <= 20
        assert net.running.server.lobby.shown_out >= 180
        for _, writer in crowd:
            writer.transport.abort()


async def test_nobody_is_left_in_the_lobby(running: RunningGateway) -> None:
    async with running.http() as client:
        assert (await client.get("/healthz")).status_code == 200
    for said in (b"", b"GET", b"nonsense\r\n\r\n"):
        _, writer = await asyncio.open_connection(running.host, running.port)
        writer.write(said)
        writer.close()

    await eventually(lambda: len(running.server.lobby) == 0)
