import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from offhook.demo import stage
from offhook.demo.failure import DemoFailed
from offhook.demo.leash import DESERTED
from offhook.demo.stage import Keys, clean_environment, gateway_process, gateway_settings
from offhook.settings.load import load_settings

KEYS = Keys("AC" + "0" * 32, "an-auth-token", "an-api-token-that-is-long", "an-engine-key")
NOBODY = "127.0.0.1:9"


def test_the_users_settings_and_proxies_stay_outside() -> None:
    environ = {
        "PATH": "/bin",
        "NO_COLOR": "1",
        "OFFHOOK_PORT": "eighty",
        "offhook_host": "example.com",
        "HTTP_PROXY": "http://proxy",
        "https_proxy": "http://proxy",
        "no_proxy": "*",
    }
    assert clean_environment(environ) == {"PATH": "/bin", "NO_COLOR": "1"}


def test_the_gateways_settings_are_right_and_every_door_has_a_key(tmp_path: Path) -> None:
    environ = gateway_settings(
        KEYS, url="http://127.0.0.1:4711", engine_url=f"ws://{NOBODY}/v1/realtime", twilio_api_url=f"http://{NOBODY}"
    )
    settings = load_settings(environ, tmp_path)

    assert settings.port == 4711
    assert settings.public_url == "http://127.0.0.1:4711"
    assert None not in (settings.twilio_auth_token, settings.api_token, settings.openai_api_key)


async def test_a_gateway_that_does_not_start_is_told_with_the_end_of_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "AGENT", "no_such_module:agent")
    with pytest.raises(DemoFailed) as failed:
        async with gateway_process(
            KEYS, engine_url=f"ws://{NOBODY}/v1/realtime", twilio_api_url=f"http://{NOBODY}", tell=lambda line: None
        ):
            raise AssertionError("it should not have started")

    assert failed.value.reason == "the gateway ended as it started (exit code 2)"
    assert "there is no module no_such_module" in failed.value.log[-1]


async def test_the_gateway_has_ended_when_the_stage_is_left() -> None:
    lines: list[str] = []
    async with gateway_process(
        KEYS, engine_url=f"ws://{NOBODY}/v1/realtime", twilio_api_url=f"http://{NOBODY}", tell=lines.append
    ) as gateway:
        calls = await gateway.http.get("/api/calls")
        assert calls.json()["total"] == 0
        os.kill(gateway.process_id, 0)

    with pytest.raises(ProcessLookupError):
        os.kill(gateway.process_id, 0)
    assert any("blue-lantern" in line for line in lines)


async def test_a_gateway_whose_starter_is_gone_ends_by_itself(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "offhook.demo.leash", "serve"),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=tmp_path,
        env=clean_environment(os.environ) | {"OFFHOOK_PORT": "0", "OFFHOOK_OPENAI_API_KEY": "none"},
    )
    assert process.stderr is not None
    assert process.stdin is not None
    try:
        async with asyncio.timeout(30):
            while b"Uvicorn running" not in await process.stderr.readline():
                assert not process.stderr.at_eof()
            process.stdin.close()
            assert await process.wait() == DESERTED
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()
