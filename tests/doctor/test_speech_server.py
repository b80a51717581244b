import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websocket

from offhook.doctor.finding import Verdict
from offhook.doctor.speech_server import is_used, parts_installed, speech_server_reachable
from offhook.loadtest.far_end import FarEnd, Script
from offhook.settings import Settings

Serve = Callable[..., Awaitable[Any]]
KEY = SecretStr("the-key-that-is-right")
ELSEWHERE = "wss://speech.example.com/v1/realtime"
HERE = "ws://127.0.0.1:8790/v1/realtime"
ABSENT = ("json", "a_part_that_is_absent")


def at(port: int, key: SecretStr | None = None) -> Settings:
    return Settings(speech_url=f"ws://127.0.0.1:{port}/v1/realtime", speech_api_key=key)


def test_it_is_looked_at_where_settings_name_it() -> None:
    assert is_used(Settings(engine="local"))
    assert is_used(Settings(speech_url=HERE))
    assert not is_used(Settings())


# ---- its parts -----------------------------------------------------------------------------------------------------


def test_parts_that_are_all_there_are_well() -> None:
    finding = parts_installed(Settings(engine="local"), ("json", "asyncio"))
    assert finding is not None
    assert (finding.verdict, finding.detail) == (Verdict.OK, "all of offhook[local] is installed")


def test_without_its_parts_offhook_serve_could_not_start_one() -> None:
    finding = parts_installed(Settings(engine="local"), ABSENT)
    assert finding is not None
    assert (finding.verdict, finding.detail) == (Verdict.FAILED, "not installed: a_part_that_is_absent")
    assert finding.remedy == "pip install 'offhook[local]'"


def test_a_server_on_this_machine_may_have_a_python_of_its_own() -> None:
    finding = parts_installed(Settings(speech_url=HERE), ABSENT)
    assert finding is not None
    assert finding.verdict is Verdict.WARNING
    assert (finding.remedy or "").startswith("pip install 'offhook[local]'")


def test_for_a_server_on_another_machine_nothing_is_needed_here() -> None:
    assert parts_installed(Settings(engine="local", speech_url=ELSEWHERE), ABSENT) is None


# ---- reaching it ---------------------------------------------------------------------------------------------------


async def test_without_an_address_the_gateway_starts_one() -> None:
    finding = await speech_server_reachable(Settings(engine="local"), 5)
    assert finding.verdict is Verdict.OK
    assert "`offhook serve` starts one of its own" in finding.detail


async def test_a_server_that_opens_a_session_is_well() -> None:
    async with FarEnd(Script(), api_key=KEY.get_secret_value()) as far_end:
        finding = await speech_server_reachable(Settings(speech_url=far_end.url, speech_api_key=KEY), 5)
        model = far_end.sessions[0].config.model
    assert (finding.verdict, finding.detail.partition(" ")[2]) == (Verdict.OK, "opened a session")
    assert model == "local"


@pytest.mark.parametrize(
    ("status", "key", "said", "remedy"),
    [
        ("401 Unauthorized", None, "asks for a key (401)", "OFFHOOK_SPEECH_API_KEY"),
        ("401 Unauthorized", KEY, "does not accept the key (401)", "OFFHOOK_SPEECH_API_KEY"),
        ("403 Forbidden", None, "does not let this machine in (403)", "OFFHOOK_SPEECH_API_KEY"),
        ("404 Not Found", None, "knows no such address (404)", "its path is /v1/realtime"),
        ("503 Service Unavailable", None, "has no room for another session (503)", "OFFHOOK_SPEECH_SESSIONS"),
        ("500 Internal Server Error", None, "answers HTTP 500", "log of `offhook speech`"),
        ("200 OK", None, "not as a speech server", "check OFFHOOK_SPEECH_URL"),
    ],
)
async def test_each_refusal_has_its_words(
    serve: Serve, status: str, key: SecretStr | None, said: str, remedy: str
) -> None:
    server = await serve(status)
    finding = await speech_server_reachable(at(server.port, key), 5)
    assert finding.verdict is Verdict.FAILED
    assert said in finding.detail
    assert remedy in (finding.remedy or "")
    assert KEY.get_secret_value() not in f"{finding}"


async def test_where_nobody_listens_the_remedy_is_to_start_it(closed_port: int) -> None:
    finding = await speech_server_reachable(at(closed_port), 5)
    assert finding.verdict is Verdict.FAILED
    assert "refused" in finding.detail
    assert finding.remedy == "start `offhook speech` there"


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (None, "said nothing within 0.3 s"),
        (json.dumps({"type": "error", "error": {"message": "its voice is gone"}}), "its voice is gone"),
        (json.dumps({"type": "hello"}), "not as a speech server"),
        ("hello", "not as a speech server"),
    ],
)
async def test_a_server_that_greets_in_another_way_fails(first: str | None, said: str) -> None:
    over = asyncio.Event()

    async def greet(connection: ServerConnection) -> None:
        if first is not None:
            await connection.send(first)
        await over.wait()

    async with serve_websocket(greet, "127.0.0.1", 0) as server:
        finding = await speech_server_reachable(at(next(iter(server.sockets)).getsockname()[1]), 0.3)
        over.set()
    assert finding.verdict is Verdict.FAILED
    assert said in finding.detail
