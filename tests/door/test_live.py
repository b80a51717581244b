"""Who watches calls, over a real socket: a client that reads, and one that does not."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.gateway import API_TOKEN, RunningGateway, network, running_gateway
from tests.waiting import eventually

from offhook.calls.events import NoteMade
from offhook.door import live
from offhook.telemetry.feed import SUBSCRIBERS_LIMIT, WAITING_LIMIT

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[RunningGateway]:
    async with running_gateway() as gateway:
        yield gateway


class Watcher:
    """Reads events as they come."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def line(self) -> str:
        return await asyncio.wait_for(anext(self._lines), 5)

    async def next(self) -> dict[str, Any]:
        """The next event; its name as ``event``."""
        while not (line := await self.line()).startswith("event: "):
            pass
        data = await self.line()
        assert data.startswith("data: ")
        return {"event": line.removeprefix("event: "), **json.loads(data.removeprefix("data: "))}

    async def until(self, kind: str) -> list[dict[str, Any]]:
        seen = [await self.next()]
        while seen[-1]["event"] != kind:
            seen.append(await self.next())
        return seen


@asynccontextmanager
async def watching(running: RunningGateway, query: str = "") -> AsyncIterator[Watcher]:
    async with running.http() as http, http.stream("GET", f"/api/events{query}") as answer:
        watcher = Watcher(answer)
        assert await watcher.line() == ": watching"
        yield watcher


def note(number: int, text: str = "x") -> NoteMade:
    return NoteMade(f"note_{number}", text)


async def test_everything_that_happens_on_a_call_is_told_as_it_happens() -> None:
    async with network() as net, watching(net.running) as watcher:
        assert watcher.answer.headers["content-type"].startswith("text/event-stream")
        assert watcher.answer.headers["cache-control"] == "no-store"
        line = await net.connected()
        await eventually(lambda: net.of(line).timings.engine_ms is not None)
        line.hang_up()
        seen = await watcher.until("call.ended")

        call = net.of(line)
        assert {event["call_id"] for event in seen} == {call.id}
        assert all(event["event"] == event["kind"] and event["at"].endswith("+00:00") for event in seen)
        kinds = [event["event"] for event in seen]
        assert kinds[0] == "call.created"
        assert {"leg.came", "engine.came", "leg.left"} <= set(kinds)
        assert [e["state"] for e in seen if e["event"] == "call.state"] == ["talking", "ended"]
        assert seen[-1]["reason"] == "caller_hung_up"


async def test_a_watcher_may_want_one_call_only(running: RunningGateway) -> None:
    async with watching(running, "?call=call_b") as one, watching(running) as everyone:
        for number, call in enumerate(("call_a", "call_b", "call_c", "call_b")):
            running.gateway.feed.publish(call, note(number))

        assert [(await one.next())["id"] for _ in range(2)] == ["note_1", "note_3"]
        assert [(await everyone.next())["id"] for _ in range(4)] == ["note_0", "note_1", "note_2", "note_3"]


async def test_text_of_callers_cannot_forge_an_event(running: RunningGateway) -> None:
    async with watching(running) as watcher:
        running.gateway.feed.publish("call_1", note(1, "hello\n\nevent: call.ended\ndata: {}\n\r\u2028"))
        running.gateway.feed.publish("call_1", note(2))

        assert (await watcher.next())["text"].startswith("hello\n\nevent: call.ended")
        assert (await watcher.next())["id"] == "note_2"


async def test_a_watcher_that_does_not_read_loses_the_oldest_and_is_told_how_many(running: RunningGateway) -> None:
    reader, writer = await asyncio.open_connection(running.host, running.port, limit=4096)
    writer.write(f"GET /api/events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {API_TOKEN}\r\n\r\n".encode())
    await reader.readuntil(b": watching\n\n")
    published = 0
    async with asyncio.timeout(20):
        # As long as the sockets on the way take anything; after that, more than may wait.
        while published < 20 * WAITING_LIMIT:
            running.gateway.feed.publish("call_1", note(published, "x" * 2000))
            published += 1
            if published % 100 == 0:
                await asyncio.sleep(0.001)
        running.gateway.feed.publish("call_1", note(published, "the last"))

        text = b""
        while b"the last" not in text[-5000:]:
            text += await reader.read(1 << 20)
    writer.close()
    told = [json.loads(line[6:]) for line in text.decode().splitlines() if line.startswith("data: ")]
    numbers = [int(event["id"].removeprefix("note_")) for event in told if "id" in event]
    lost = [event["count"] for event in told if "count" in event]

    assert lost
    assert numbers == sorted(numbers)
    assert len(numbers) + sum(lost) == published + 1


async def test_nobody_waits_for_a_watcher_that_does_not_read(running: RunningGateway) -> None:
    _, writer = await asyncio.open_connection(running.host, running.port)
    writer.write(f"GET /api/events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {API_TOKEN}\r\n\r\n".encode())
    async with watching(running) as watcher:
        for number in range(3 * WAITING_LIMIT):
            running.gateway.feed.publish("call_1", note(number, "x" * 1000))
            if number % 100 == 0:
                assert (await watcher.until("note"))[-1]["event"] == "note"
    writer.close()


async def test_a_watcher_who_leaves_makes_room_for_another(running: RunningGateway) -> None:
    watchers = [watching(running) for _ in range(SUBSCRIBERS_LIMIT)]
    await asyncio.gather(*(watcher.__aenter__() for watcher in watchers))
    async with running.http() as http:
        refused = await http.get("/api/events")
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1

        await asyncio.gather(*(watcher.__aexit__(None, None, None) for watcher in watchers))
        for _ in range(200):
            async with http.stream("GET", "/api/events") as answer:
                if answer.status_code == 200:
                    break
            await asyncio.sleep(0.01)
        else:
            raise AssertionError("nobody left")
    await eventually(lambda: not running.gateway.feed.subscribers)


async def test_when_nothing_happens_a_sign_of_life_is_sent(
    running: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "KEEP_ALIVE_EVERY_S", 0.05)
    async with watching(running) as watcher:
        assert await watcher.line() == ""
        assert await watcher.line() == ": still here"
        running.gateway.feed.publish("call_1", note(1))
        assert (await watcher.next())["id"] == "note_1"
