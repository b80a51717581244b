"""A real gateway on a free port, and a whole telephone network around it: callers, the gateway, and an engine."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.waiting import eventually

from offhook.agents.agent import Agent
from offhook.calls.view import CallDetail, detail
from offhook.door.server import GatewayServer
from offhook.loadtest.far_end import NO_FAULTS, FarEnd, Faults, Reply, Script
from offhook.loadtest.twilio import Behaviour, Line, TwilioStandIn
from offhook.settings import Settings
from offhook.wiring import Gateway, build

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "twilio-token"
API_TOKEN = "api-token-of-the-tests"
BEARER = {"Authorization": f"Bearer {API_TOKEN}"}
CALLER, DIALLED = "+15550001111", "+15550002222"
OTHER_AGENT = Agent(name="other", instructions="Be another.")
"""To be routed to, as ``tests.gateway:OTHER_AGENT``."""
NOWHERE = "ws://127.0.0.1:9/v1/realtime"
"""The address of an engine that nobody serves."""


@dataclass(frozen=True, slots=True)
class RunningGateway:
    """A gateway that serves, and what it is made of."""

    gateway: Gateway
    server: GatewayServer
    host: str
    port: int

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.authority}"

    @property
    def calls(self) -> list[CallDetail]:
        """What the API would show."""
        return [detail(call) for call in self.gateway.switchboard.calls()]

    def of(self, line: Line) -> CallDetail:
        """The call that a line is."""
        call = self.gateway.switchboard.find_by_carrier(line.sid)
        assert call is not None
        return detail(call)

    def http(self, **more: Any) -> httpx.AsyncClient:
        """A client of it, with the API's token."""
        # Reading the certificate store takes a while, and nothing here speaks TLS.
        given: dict[str, Any] = {"base_url": self.url, "headers": BEARER, "timeout": 10, "verify": False} | more
        return httpx.AsyncClient(**given)


@asynccontextmanager
async def running_gateway(
    agent: Agent | None = None, *, public: bool = False, host: str = "127.0.0.1", **settings: Any
) -> AsyncIterator[RunningGateway]:
    """Serve until the block is left; calls that still run then are ended. ``public``: it knows its own address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family, backlog=1024)
    port = listener.getsockname()[1]
    given: dict[str, Any] = {
        "host": host,
        "port": port,
        "openai_url": NOWHERE,
        "openai_api_key": "x",
        "twilio_account_sid": ACCOUNT_SID,
        "twilio_auth_token": AUTH_TOKEN,
        "api_token": API_TOKEN,
        "drain_seconds": 0,
        "overload_lag_ms": 60_000,  # the machine that runs the tests may be busy with anything
    }
    if public:
        given["public_url"] = f"http://127.0.0.1:{port}"
    gateway = build(Settings(**(given | settings)), agent or Agent())
    server = gateway.server()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            await asyncio.wait([serving], timeout=0.005)
            if serving.done():
                await serving
        yield RunningGateway(gateway, server, host, port)
    finally:
        for call in gateway.switchboard.living():
            call.departed()  # nobody is left to ask what comes next
        if not serving.done():
            # Its own way out has waits of a tenth of a second, which add up.
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
            server.force_exit = True
            await server.shutdown(sockets=[listener])
            await gateway.carrier.aclose()
        listener.close()


@dataclass(frozen=True, slots=True)
class Network:
    """Callers, the gateway, and the engine."""

    running: RunningGateway
    twilio: TwilioStandIn
    far_end: FarEnd
    http: httpx.AsyncClient
    """Shows the API's token."""

    async def ring(self, caller: str = CALLER, dialled: str = DIALLED) -> Line:
        return await self.twilio.ring(caller, dialled)

    async def connected(self, caller: str = CALLER, dialled: str = DIALLED) -> Line:
        """A caller who is through."""
        line = await self.ring(caller, dialled)
        await line.until_streaming()
        return line

    def of(self, line: Line) -> CallDetail:
        return self.running.of(line)

    async def ended(self, line: Line, within_s: float = 10) -> CallDetail:
        """The call of a line, when both have ended."""
        await line.until_ended(within_s)
        await eventually(lambda: self.of(line).state == "ended")
        return self.of(line)


@asynccontextmanager
async def network(
    script: Script | Callable[[int], Script] | None = None,
    agent: Agent | None = None,
    *,
    faults: Faults | Callable[[int], Faults] = NO_FAULTS,
    behaviour: Behaviour | None = None,
    public: bool = False,
    rest: bool = True,
    on_outbound: Any = None,
    **settings: Any,
) -> AsyncIterator[Network]:
    """``rest`` False: the gateway has no account to act with, and ends calls by closing their streams."""
    script = script or Script(greeting=Reply("Hello.", duration_ms=300))
    stand_in = TwilioStandIn(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        behaviour=behaviour or Behaviour(calls_per_second=100),
        on_outbound=on_outbound,
    )
    async with FarEnd(script, faults=faults, keep_audio=True) as far_end, stand_in as twilio:
        given: dict[str, Any] = {"openai_url": far_end.url, "twilio_api_url": twilio.api_url}
        if not rest:
            given["twilio_account_sid"] = None
        async with running_gateway(agent, public=public, **(given | settings)) as running, running.http() as http:
            twilio.voice_url = f"{running.url}/twilio/voice"
            yield Network(running, twilio, far_end, http)
            for line in twilio.lines:
                line.complete()


def logged(caplog: pytest.LogCaptureFixture, event: str, **facts: Any) -> list[dict[str, Any]]:
    """The lines of our own log with that event and those facts."""
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [line for line in lines if line.get("event") == event and facts.items() <= line.items()]


def watch_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="offhook")
