"""The gateway and the speech server, each the program that ``offhook serve`` and ``offhook speech`` run."""

import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from offhook.demo.program import Log, Program, started
from offhook.speech.address import PATH

HOST: Final = "127.0.0.1"
REQUEST_WITHIN_S: Final = 10.0

QUEUE_MS: Final = 5000
"""The first call of a fresh speech server waits until it knows what to listen for: 1 to 3 s, that are no trouble."""

EXAMPLE_DATABASE: Final = "OFFHOOK_EXAMPLE_DB"

_OURS: Final = "OFFHOOK_"
_OF_EXAMPLES: Final = "OFFHOOK_EXAMPLE_"
_PROXIES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one evening, made up for it. With them signatures and tokens are really checked."""

    account_sid: str
    auth_token: str
    api_token: str
    speech_key: str


def fresh_keys() -> Keys:
    """Nobody knows them."""
    return Keys("AC" + secrets.token_hex(16), *(secrets.token_hex(16) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Server:
    """One of the two, ready."""

    url: str
    program: Program
    http: httpx.AsyncClient
    """Asks it, with the bearer token."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Both, and what they write."""

    gateway: Server
    speech: Server
    log: Log


@asynccontextmanager
async def stage(
    keys: Keys, *, agent: str, database: Path, twilio_api_url: str, tell: Callable[[str], None]
) -> AsyncIterator[Stage]:
    """Start both at once, and wait until calls are taken; end them on the way out. ``tell`` gets their log by lines.

    ``agent`` is module:attribute, found from the working directory too; ``database`` is for the examples. Raises
    DemoFailed, with the end of the log, if one does not come up.
    """
    gateway_port, speech_port = _free_ports()
    gateway_url, speech_url = f"http://{HOST}:{gateway_port}", f"ws://{HOST}:{speech_port}{PATH}"
    log = Log(tell)
    with TemporaryDirectory(prefix="offhook-demo-") as folder:
        no_settings = Path(folder) / "offhook.toml"  # in place of one in the working directory
        no_settings.touch()
        environment = clean_environment(os.environ) | {"OFFHOOK_CONFIG": str(no_settings)}
        async with (
            started(
                "speech server",
                "speech",
                environment=environment | speech_settings(keys, url=speech_url),
                log=log,
            ) as speech,
            started(
                "gateway",
                *("serve", agent),
                environment=environment
                | gateway_settings(keys, url=gateway_url, speech_url=speech_url, twilio_api_url=twilio_api_url)
                | {EXAMPLE_DATABASE: str(database)},
                log=log,
            ) as gateway,
            _client(gateway_url, keys.api_token) as ask_gateway,
            _client(f"http://{HOST}:{speech_port}", keys.speech_key) as ask_speech,
        ):
            await gateway.until_ready(ask_gateway, "/readyz")
            await speech.until_ready(ask_speech, "/healthz")
            yield Stage(Server(gateway_url, gateway, ask_gateway), Server(speech_url, speech, ask_speech), log)


def gateway_settings(keys: Keys, *, url: str, speech_url: str, twilio_api_url: str) -> dict[str, str]:
    """What the gateway is told, as environment."""
    return _variables(
        HOST=HOST,
        PORT=url.rpartition(":")[2],
        PUBLIC_URL=url,
        ENGINE="local",
        SPEECH_URL=speech_url,
        SPEECH_API_KEY=keys.speech_key,
        TWILIO_ACCOUNT_SID=keys.account_sid,
        TWILIO_AUTH_TOKEN=keys.auth_token,
        TWILIO_API_URL=twilio_api_url,
        API_TOKEN=keys.api_token,
        DRAIN_SECONDS="0",
        QUEUE_MS=str(QUEUE_MS),
        LOG_FORMAT="console",
    )


def speech_settings(keys: Keys, *, url: str) -> dict[str, str]:
    """What the speech server is told, as environment."""
    return _variables(
        SPEECH_HOST=HOST,
        SPEECH_PORT=url.removesuffix(PATH).rpartition(":")[2],
        SPEECH_API_KEY=keys.speech_key,
        LOG_FORMAT="console",
    )


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The user's environment without settings of Offhook, and without proxies: all that is asked is on this machine.

    What the examples are told stays. Modules are not looked for in the working directory, where one may be called like
    one of Python's own; only the agent is, by ``offhook serve`` itself.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if (not name.upper().startswith(_OURS) or name.startswith(_OF_EXAMPLES)) and name.lower() not in _PROXIES
    }
    return kept | {"PYTHONSAFEPATH": "1"}


def _variables(**settings: str) -> dict[str, str]:
    return {_OURS + name: value for name, value in settings.items()}


def _client(url: str, token: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=REQUEST_WITHIN_S, trust_env=False)


def _free_ports() -> tuple[int, int]:
    """Two that nobody has. Both are held until both are known, or they might be the same."""
    with socket.create_server((HOST, 0)) as first, socket.create_server((HOST, 0)) as second:
        return int(first.getsockname()[1]), int(second.getsockname()[1])
