"""What a signal to stop means, to a real process with real calls on it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from socket import create_server

import httpx
import pytest
from tests.gateway import ACCOUNT_SID, API_TOKEN, AUTH_TOKEN, BEARER, CALLER, DIALLED, network, running_gateway
from tests.waiting import eventually

from offhook.agents.agent import Agent
from offhook.door.server import REQUESTS_FINISH_WITHIN_S
from offhook.loadtest.far_end import FarEnd, Reply, Script
from offhook.loadtest.twilio import Line, TwilioStandIn

MONOLOGUE = Script(greeting=Reply("Let me tell you everything. " * 10, duration_ms=120_000))


@dataclass
class Served:
    """``offhook serve`` in a process of its own, with a caller on the line."""

    process: asyncio.subprocess.Process
    http: httpx.AsyncClient
    twilio: TwilioStandIn
    line: Line

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    async def status_of(self, path: str) -> int:
        return (await self.http.get(path)).status_code

    async def until_it_drains(self) -> None:
        for _ in range(500):
            if await self.status_of("/readyz") == 503:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it takes calls still")


@asynccontextmanager
async def served(drain_seconds: float) -> AsyncIterator[Served]:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    async with FarEnd(MONOLOGUE) as far_end, TwilioStandIn(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN) as twilio:
        settings = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "PUBLIC_URL": url,
            "OPENAI_URL": far_end.url,
            "OPENAI_API_KEY": "x",
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_API_URL": twilio.api_url,
            "API_TOKEN": API_TOKEN,
            "DRAIN_SECONDS": str(drain_seconds),
            "LOG_FORMAT": "json",
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OFFHOOK_")}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "offhook", "serve"),
            env=environment | {f"OFFHOOK_{name}": value for name, value in settings.items()},
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with httpx.AsyncClient(base_url=url, headers=BEARER, verify=False) as http:
                await until_ready(process, http)
                twilio.voice_url = f"{url}/twilio/voice"
                line = await twilio.ring(CALLER, DIALLED)
                await line.until_streaming()
                await eventually(lambda: line.played_ms > 100)
                yield Served(process, http, twilio, line)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def until_ready(process: asyncio.subprocess.Process, http: httpx.AsyncClient) -> None:
    for _ in range(600):
        assert process.returncode is None, (await process.communicate())[1].decode()
        try:
            await http.get("/healthz")
            return
        except httpx.TransportError:
            await asyncio.sleep(0.05)
    raise AssertionError("it did not begin to serve")


async def test_calls_go_on_after_the_first_signal_and_end_with_a_sentence() -> None:
    async with served(drain_seconds=1.2) as it:
        it.signal()
        await it.until_it_drains()
        before_ms = it.line.played_ms
        assert await it.status_of("/healthz") == 200
        assert await it.status_of("/api/calls") == 200
        refused = await it.twilio.ring("+15550009999", DIALLED)
        assert await refused.until_ended() == "busy"
        await eventually(lambda: it.line.played_ms > before_ms + 200)
        assert it.process.returncode is None

        await it.line.until_ended(5)
        assert it.line.sentences == [Agent().apology]
        assert it.line.verbs[-2:] == ["Say", "Hangup"]
        assert await asyncio.wait_for(it.process.wait(), 5) == 0


async def test_a_second_signal_ends_the_calls_at_once_and_still_in_order() -> None:
    async with served(drain_seconds=600) as it:
        it.signal(signal.SIGINT)
        await it.until_it_drains()
        assert it.process.returncode is None
        it.signal(signal.SIGTERM)

        await it.line.until_ended(5)
        assert it.line.sentences == [Agent().apology]
        assert await asyncio.wait_for(it.process.wait(), 5) == 0


async def test_when_the_last_call_has_gone_it_does_not_wait_for_the_rest_of_the_time() -> None:
    async with network(MONOLOGUE, drain_seconds=600) as net:
        line = await net.connected()
        net.running.server.stop()
        await eventually(lambda: net.running.gateway.switchboard.closed)
        assert not net.running.server.should_exit
        line.hang_up()

        await eventually(lambda: net.running.server.should_exit)
        assert line.sentences == []


async def test_a_watcher_of_events_cannot_keep_it_from_stopping() -> None:
    async with running_gateway() as running, running.http() as http, http.stream("GET", "/api/events") as answer:
        assert running.server.config.timeout_graceful_shutdown == REQUESTS_FINISH_WITHIN_S
        running.server.config.timeout_graceful_shutdown = 1
        lines = answer.aiter_lines()
        await anext(lines)
        running.server.stop()

        with suppress(httpx.RemoteProtocolError):
            async with asyncio.timeout(5):
                async for _ in lines:
                    pass


async def test_calls_that_cannot_be_ended_do_not_keep_it_from_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_gateway() as running:

        async def broken(now: bool) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(running.server, "_drain", broken)
        running.server.stop()
        await eventually(lambda: running.server.should_exit)
