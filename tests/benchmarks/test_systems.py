"""Each system is started as a run starts it, and one call goes through it with sound both ways."""

import asyncio
import shutil
from pathlib import Path

import pytest
from benchmarks.callers import Callers
from benchmarks.cores import plan
from benchmarks.ladder import far_end_figures
from benchmarks.stage import Stage
from benchmarks.systems import (
    PIPECAT_HOME,
    PIPECAT_LOCK,
    PIPECAT_UVLOOP,
    SYSTEMS,
    Setting,
    gateway_environment,
    versions,
)
from benchmarks.talk import Pattern

from benchmarks.peers import haproxy
from offhook.settings import load_settings

BOTH_WAYS_WITHIN_S = 30.0
ENOUGH_MS = 300.0


def skip_without(system: str) -> None:
    if system in ("haproxy", "offhook-wss") and haproxy.found() is None:
        pytest.skip("HAProxy is not installed")
    if system == "offhook-wss" and shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    if system == "pipecat" and not (PIPECAT_HOME / "lock.txt").exists():
        pytest.skip("Pipecat's environment has not been made: make bench")


@pytest.mark.parametrize("name", [system.name for system in SYSTEMS])
async def test_sound_goes_through_it_both_ways(name: str, tmp_path: Path) -> None:
    skip_without(name)
    system = next(system for system in SYSTEMS if system.name == name)
    with Stage(tmp_path) as stage:
        running = await asyncio.to_thread(system.start, Setting(stage, plan([]), Pattern.FULL))
        async with Callers(running.voice_url, Pattern.FULL, running.auth_token) as callers:
            await callers.ring(1, per_second=50)
            assert (callers.calls, callers.lost) == (1, 0)
            async with asyncio.timeout(BOTH_WAYS_WITHIN_S):
                while True:
                    figures = await asyncio.to_thread(far_end_figures, running.figures_url)
                    if min(figures["received_ms"], callers.heard_ms) > ENOUGH_MS:
                        break
                    await asyncio.sleep(0.1)
            assert callers.count_lost() == 0
            await callers.hang_up()
            assert callers.calls == 0


def test_the_gateway_takes_the_settings_that_it_is_run_with() -> None:
    environment = gateway_environment(8001, "ws://127.0.0.1:8002/v1/realtime", "0" * 32)
    settings = load_settings(environment)
    assert settings.drain_seconds == 0


def test_every_system_has_a_ladder_that_rises() -> None:
    for system in SYSTEMS:
        for pattern in Pattern:
            for rungs in (system.ladders[pattern], system.quick[pattern]):
                assert list(rungs) == sorted(set(rungs))
        assert all(system.ladders.values())


def test_versions_name_the_pinned_pipecat() -> None:
    assert versions()["pipecat-ai"] == "1.14.0"


def test_pipecats_server_has_the_loop_and_parser_of_production() -> None:
    pinned = {line.partition("==")[0] for line in PIPECAT_LOCK.read_text().splitlines()}
    assert {"uvloop", "httptools"} <= pinned
    assert PIPECAT_UVLOOP in versions()
