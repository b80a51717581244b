import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from offhook.audio.formats import PCMU_8K
from offhook.demo import stage as staging
from offhook.demo.failure import DemoFailed
from offhook.demo.leash import DESERTED
from offhook.demo.recording import levels_dbfs
from offhook.demo.scenario import DEMO_AGENT, CallerTurn, WhenQuiet
from offhook.demo.stage import Keys, clean_environment, fresh_keys, gateway_settings, speech_settings, stage
from offhook.demo.voice import spoken
from offhook.settings.load import load_settings

KEYS = Keys("AC" + "0" * 32, "an-auth-token", "an-api-token-that-is-long", "a-speech-key-that-is-long")
NOBODY = "http://127.0.0.1:9"
SPEECH = "ws://127.0.0.1:4712/v1/realtime"


def test_the_users_settings_and_proxies_stay_outside_and_what_examples_are_told_does_not() -> None:
    environ = {
        "PATH": "/bin",
        "NO_COLOR": "1",
        "OFFHOOK_PORT": "eighty",
        "offhook_host": "example.com",
        "OFFHOOK_LLM_URL": "http://llm",
        "OFFHOOK_EXAMPLE_SALES": "+15550003333",
        "HTTP_PROXY": "http://proxy",
        "https_proxy": "http://proxy",
        "no_proxy": "*",
    }
    assert clean_environment(environ) == {
        "PATH": "/bin",
        "NO_COLOR": "1",
        "OFFHOOK_EXAMPLE_SALES": "+15550003333",
        "PYTHONSAFEPATH": "1",
    }


def test_the_gateways_settings_are_right_and_every_door_has_a_key(tmp_path: Path) -> None:
    environ = gateway_settings(KEYS, url="http://127.0.0.1:4711", speech_url=SPEECH, twilio_api_url=NOBODY)
    settings = load_settings(environ, tmp_path)

    assert settings.port == 4711
    assert settings.public_url == "http://127.0.0.1:4711"
    assert (settings.engine, settings.speech_url) == ("local", SPEECH)
    assert None not in (settings.twilio_auth_token, settings.api_token, settings.speech_api_key)


def test_the_speech_server_listens_where_the_gateway_looks_for_it(tmp_path: Path) -> None:
    settings = load_settings(speech_settings(KEYS, url=SPEECH), tmp_path)

    assert (settings.speech_host, settings.speech_port) == ("127.0.0.1", 4712)
    assert settings.speech_api_key is not None
    assert settings.speech_api_key.get_secret_value() == KEYS.speech_key


def test_the_keys_of_two_evenings_are_not_the_same() -> None:
    assert not {*fresh_keys_values()} & {*fresh_keys_values()}


def fresh_keys_values() -> list[str]:
    keys = fresh_keys()
    return [keys.account_sid, keys.auth_token, keys.api_token, keys.speech_key]


async def test_a_gateway_that_does_not_start_is_told_with_the_end_of_the_log(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed) as failed:
        async with stage(
            KEYS, agent="no_such_module:agent", database=tmp_path / "db", twilio_api_url=NOBODY, tell=lambda line: None
        ):
            raise AssertionError("it should not have started")

    assert failed.value.reason == "the gateway ended as it started (exit code 2)"
    assert any("there is no module no_such_module" in line for line in failed.value.log)


async def test_both_serve_until_the_stage_is_left_and_the_caller_has_a_voice(tmp_path: Path) -> None:
    lines: list[str] = []
    own = CallerTurn("whistle.wav", WhenQuiet(), b"\x7f" * 80)
    async with stage(
        KEYS, agent=DEMO_AGENT, database=tmp_path / "db", twilio_api_url=NOBODY, tell=lines.append
    ) as running:
        programs = (running.gateway.program, running.speech.program)
        assert (await running.gateway.http.get("/api/calls")).json()["total"] == 0
        hello, whistle = await spoken([CallerTurn("Hello.", WhenQuiet()), own], running.speech.http)
        with pytest.raises(DemoFailed, match=r"the speech server does not say 'aaa.*HTTP 4"):
            await spoken([CallerTurn("a" * 9000, WhenQuiet())], running.speech.http)
        for program in programs:
            os.kill(program.process_id, 0)

    assert 200 < PCMU_8K.duration_ms(len(hello)) < 2000
    assert max(levels_dbfs(hello, 20)) > -30
    assert whistle == own.sound
    for program in programs:
        with pytest.raises(ProcessLookupError):
            os.kill(program.process_id, 0)
    assert any("table-booking" in line for line in lines)


def test_two_ports_are_never_the_same() -> None:
    first, second = staging._free_ports()

    assert first != second


async def test_a_process_whose_starter_is_gone_ends_by_itself(tmp_path: Path) -> None:
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
