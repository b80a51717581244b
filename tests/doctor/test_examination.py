import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_websocket

from offhook.doctor import Verdict, examine
from offhook.doctor.examination import LOCAL_LIMIT_S, NETWORK_LIMIT_S

Serve = Callable[..., Awaitable[Any]]
ENGINE_NAMES = ("engine key", "speech parts", "engine", "speech server")
SID = "AC0123456789abcdef0123456789abcdef"


async def test_a_set_up_that_works_is_well_in_every_point(serve: Serve, tmp_path: Path) -> None:
    twilio = await serve("200 OK", {"status": "active", "type": "Full"})
    gateway = await serve("200 OK", {"service": "offhook", "status": "ok"})

    async def greet(connection: ServerConnection) -> None:
        await connection.send(json.dumps({"type": "session.created"}))
        await connection.wait_closed()

    async with serve_websocket(greet, "127.0.0.1", 0) as engine:
        environ = {
            "OFFHOOK_PORT": str(gateway.port),
            "OFFHOOK_PUBLIC_URL": gateway.url,
            "OFFHOOK_OPENAI_URL": f"ws://127.0.0.1:{next(iter(engine.sockets)).getsockname()[1]}/v1/realtime",
            "OFFHOOK_OPENAI_API_KEY": "sk-key",
            "OFFHOOK_TWILIO_API_URL": twilio.url,
            "OFFHOOK_TWILIO_ACCOUNT_SID": SID,
            "OFFHOOK_TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
            "OFFHOOK_API_TOKEN": "0123456789abcdef0123456789abcdef",
            "OFFHOOK_MAX_CALLS_PER_WORKER": "1",
        }
        findings = await asyncio.to_thread(examine, environ, tmp_path)
    assert [(f.name, f.verdict, f.detail) for f in findings if f.verdict is not Verdict.OK] == []
    assert [f.name for f in findings] == [
        "python",
        "working directory",
        "settings",
        "access",
        "engine key",
        "open files",
        "port",
        "engine",
        "twilio",
        "public URL",
    ]


async def test_of_engines_those_that_are_set_up_are_looked_at(tmp_path: Path) -> None:
    async def names(**environ: str) -> list[str]:
        given = {f"OFFHOOK_{name}": value for name, value in environ.items()}
        return [finding.name for finding in await asyncio.to_thread(examine, given, tmp_path, limit_s=1)]

    nowhere = "ws://127.0.0.1:9/v1/realtime"
    usual = {"PORT": "0", "OPENAI_URL": nowhere}

    assert [n for n in await names(**usual, ENGINE="local") if n in ENGINE_NAMES] == ["speech parts", "speech server"]
    assert [n for n in await names(**usual, SPEECH_URL=nowhere) if n in ENGINE_NAMES] == [
        "engine key",
        "speech parts",
        "engine",
        "speech server",
    ]
    both = await names(**usual, ENGINE="local", OPENAI_API_KEY="sk-key")
    assert [n for n in both if n in ENGINE_NAMES] == ["engine key", "speech parts", "engine", "speech server"]


async def test_the_language_model_is_asked_for_its_name(serve: Serve, tmp_path: Path) -> None:
    endpoint = await serve("200 OK", {"data": [{"id": "qwen3"}]})
    environ = {"OFFHOOK_PORT": "0", "OFFHOOK_ENGINE": "local", "OFFHOOK_LLM_URL": f"{endpoint.url}/v1"}

    for named, verdict in (({}, Verdict.FAILED), ({"OFFHOOK_LLM_MODEL": "qwen3"}, Verdict.OK)):
        findings = await asyncio.to_thread(examine, environ | named, tmp_path, limit_s=1)
        assert [f.verdict for f in findings if f.name == "language model"] == [verdict]
    assert len(endpoint.requests) == 1


async def test_offline_asks_no_other_machine(serve: Serve, tmp_path: Path) -> None:
    server = await serve("200 OK")
    environ = {
        "OFFHOOK_PORT": "0",
        "OFFHOOK_PUBLIC_URL": server.url,
        "OFFHOOK_OPENAI_URL": f"ws://127.0.0.1:{server.port}/v1/realtime",
        "OFFHOOK_TWILIO_API_URL": server.url,
        "OFFHOOK_TWILIO_ACCOUNT_SID": SID,
        "OFFHOOK_TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
    }
    findings = await asyncio.to_thread(examine, environ, tmp_path, offline=True)
    assert findings[-1].name == "port"
    assert server.requests == []


async def test_silent_peers_are_all_told(serve: Serve, tmp_path: Path) -> None:
    silent = await serve()
    environ = {
        "OFFHOOK_PORT": str(silent.port),
        "OFFHOOK_PUBLIC_URL": silent.url,
        "OFFHOOK_OPENAI_URL": f"ws://127.0.0.1:{silent.port}/v1/realtime",
        "OFFHOOK_TWILIO_API_URL": silent.url,
        "OFFHOOK_TWILIO_ACCOUNT_SID": SID,
        "OFFHOOK_TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
    }
    findings = await asyncio.to_thread(examine, environ, tmp_path, limit_s=0.3)
    assert ["no answer" in f.detail for f in findings if f.name in ("engine", "twilio", "public URL")] == [True] * 3


def test_all_checks_together_take_less_than_eight_seconds() -> None:
    assert LOCAL_LIMIT_S + NETWORK_LIMIT_S < 8


def test_nothing_more_is_looked_at_while_the_settings_are_wrong(tmp_path: Path) -> None:
    findings = examine({"OFFHOOK_PORT": "eighty"}, tmp_path)
    assert [(f.name, f.verdict) for f in findings][-1] == ("settings", Verdict.FAILED)
    assert len(findings) == 3
