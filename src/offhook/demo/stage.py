"""The gateway in a process of its own: the program that ``offhook serve`` runs, started, awaited and ended."""

import asyncio
import os
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from offhook.demo.failure import DemoFailed

AGENT: Final = "offhook.demo.agent:agent"
HOST: Final = "127.0.0.1"

READY_WITHIN_S: Final = 30.0
END_WITHIN_S: Final = 5.0
"""After it was told to end; then it is killed."""

LOG_LINES_KEPT: Final = 12
LOG_LINE_LIMIT_BYTES: Final = 1 << 20

_ASK_EVERY_S: Final = 0.05
_OURS: Final = "OFFHOOK_"
_PROXIES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one evening, made up for it. With them signatures and tokens are really checked."""

    account_sid: str
    auth_token: str
    api_token: str
    engine_key: str


@dataclass(frozen=True, slots=True)
class Gateway:
    """The running process."""

    url: str
    process_id: int
    http: httpx.AsyncClient
    """Its API, with the bearer token."""
    log: "GatewayLog"


class GatewayLog:
    """Reads what the process writes; keeps the end of it, and passes each line on."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._last: deque[str] = deque(maxlen=LOG_LINES_KEPT)

    @property
    def last_lines(self) -> tuple[str, ...]:
        """The end of it."""
        return tuple(self._last)

    async def read(self, stream: asyncio.StreamReader) -> None:
        """Until the stream ends."""
        while line := await stream.readline():
            text = line.decode("utf-8", "replace").rstrip()
            self._last.append(text)
            self._tell(text)


@asynccontextmanager
async def gateway_process(
    keys: Keys, *, engine_url: str, twilio_api_url: str, tell: Callable[[str], None]
) -> AsyncIterator[Gateway]:
    """Start the gateway and wait until it takes calls; end it on the way out. ``tell`` gets its log, line by line.

    Raises DemoFailed, with the end of its log, if it does not come up.
    """
    url = f"http://{HOST}:{_free_port()}"
    settings = gateway_settings(keys, url=url, engine_url=engine_url, twilio_api_url=twilio_api_url)
    log = GatewayLog(tell)
    with TemporaryDirectory(prefix="offhook-demo-") as empty:  # no offhook.toml of anybody in it
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "offhook.demo.leash", "serve", AGENT),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=empty,
            env=clean_environment(os.environ) | settings,
            start_new_session=True,  # Ctrl-C in the terminal is for the demo alone
            limit=LOG_LINE_LIMIT_BYTES,
        )
        assert process.stderr is not None
        reading = asyncio.create_task(log.read(process.stderr))
        try:
            headers = {"Authorization": f"Bearer {keys.api_token}"}
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=5, trust_env=False) as http:
                gateway = Gateway(url, process.pid, http, log)
                await _until_ready(gateway, process, reading)
                yield gateway
        finally:
            await _end(process)
            await reading


def gateway_settings(keys: Keys, *, url: str, engine_url: str, twilio_api_url: str) -> dict[str, str]:
    """What the gateway is told, as environment."""
    settings = {
        "HOST": HOST,
        "PORT": url.rpartition(":")[2],
        "PUBLIC_URL": url,
        "ENGINE": "openai",
        "OPENAI_URL": engine_url,
        "OPENAI_API_KEY": keys.engine_key,
        "TWILIO_ACCOUNT_SID": keys.account_sid,
        "TWILIO_AUTH_TOKEN": keys.auth_token,
        "TWILIO_API_URL": twilio_api_url,
        "API_TOKEN": keys.api_token,
        "DRAIN_SECONDS": "0",
        "LOG_FORMAT": "console",
    }
    return {_OURS + name: value for name, value in settings.items()}


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The user's environment without settings of Offhook, and without proxies: all that is asked is on this machine."""
    return {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(_OURS) and name.lower() not in _PROXIES
    }


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as taken:
        return int(taken.getsockname()[1])


async def _until_ready(gateway: Gateway, process: asyncio.subprocess.Process, reading: asyncio.Task[None]) -> None:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while not await _is_ready(gateway.http):
                if process.returncode is not None:
                    await reading
                    raise DemoFailed(
                        f"the gateway ended as it started (exit code {process.returncode})", gateway.log.last_lines
                    )
                await asyncio.sleep(_ASK_EVERY_S)
    except TimeoutError:
        reason = f"the gateway did not come up within {READY_WITHIN_S:.0f} s"
        raise DemoFailed(reason, gateway.log.last_lines) from None


async def _is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).is_success
    except httpx.TransportError:
        return False


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(END_WITHIN_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
