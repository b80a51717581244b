"""A real gateway on a free port of this machine, and the stand-in for Twilio that rings it."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from offhook.agents.agent import Agent
from offhook.carriers.twilio.addresses import STATUS_PATH, VOICE_PATH
from offhook.door.server import GatewayServer
from offhook.loadtest.twilio import TwilioStandIn
from offhook.settings import Settings
from offhook.wiring import Gateway, build

HOST: Final = "127.0.0.1"
BACKLOG: Final = 128


@dataclass(frozen=True, slots=True)
class Telephone:
    """Rings the agent: ``twilio.ring``."""

    gateway: Gateway
    twilio: TwilioStandIn


class _Server(GatewayServer):
    """Signals are for whoever runs the tests."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def telephone(agent: Agent, settings: Mapping[str, Any]) -> AsyncIterator[Telephone]:
    """Serve ``agent`` until the block is left; calls that still run then are ended.

    Signatures and tokens are really checked, with keys that are made up for it. ``settings`` are as the gateway's.
    Raises ValidationError, SettingsError, AgentError.
    """
    keys = {"twilio_account_sid": "AC" + secrets.token_hex(16), "twilio_auth_token": secrets.token_hex(16)}
    with socket.create_server((HOST, 0), backlog=BACKLOG) as listener:
        port = listener.getsockname()[1]
        url = f"http://{HOST}:{port}"
        stand_in = TwilioStandIn(
            account_sid=keys["twilio_account_sid"],
            auth_token=keys["twilio_auth_token"],
            voice_url=url + VOICE_PATH,
            status_callback=url + STATUS_PATH,
        )
        async with stand_in as twilio:
            own = {"public_url": url, "api_token": secrets.token_hex(16), "twilio_api_url": twilio.api_url}
            told = {**keys, **own, "drain_seconds": 0, **settings, "host": HOST, "port": port}
            gateway = build(Settings(**told), agent)
            async with _serving(gateway, listener):
                yield Telephone(gateway, twilio)
                for line in twilio.lines:
                    line.complete()


@asynccontextmanager
async def _serving(gateway: Gateway, listener: socket.socket) -> AsyncIterator[None]:
    async def drain(now: bool) -> None:
        """Nobody tells this server to stop but us."""

    server = _Server(gateway.server().config, drain)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            await asyncio.wait([serving], timeout=0.005)
            if serving.done():
                await serving
        yield
    finally:
        for call in gateway.switchboard.living():
            call.departed()  # nobody is left to ask what comes next
        server.should_exit = server.force_exit = True
        await serving
        await gateway.carrier.aclose()
