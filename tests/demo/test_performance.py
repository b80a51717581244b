"""The whole demo, as somebody runs it who has other things set."""

import array
import json
import math
import os
import subprocess
import sys
import wave
from collections.abc import Sequence
from pathlib import Path

import pytest

TALKS_FOR_S = 28
WINDOW = 160
"""Samples: 20 ms."""
A_SECOND = 50
"""Windows."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(place: Path) -> subprocess.CompletedProcess[str]:
    (place / "offhook.toml").write_text('port = "nonsense"\n')
    return subprocess.run(
        [sys.executable, "-m", "offhook", "demo", "--out", "kept/here"],
        cwd=place,
        env={**os.environ, "OFFHOOK_PORT": "eighty", "HTTP_PROXY": "http://127.0.0.1:9", "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_demo_ends_well_and_shows_the_call(shown: subprocess.CompletedProcess[str]) -> None:
    assert shown.returncode == 0, shown.stderr
    assert shown.stderr == ""
    assert "\x1b" not in shown.stdout
    for expected in (
        "Good evening, the Blue Lantern.",
        "When are you open this weekend?",
        "INTERRUPTED: the caller heard",
        "find_table(day='saturday', time='20:00', guests=2)",
        "find_table done: Free",
        "agent hung up",
        "kept/here/call.wav",
        "kept/here/call.json",
    ):
        assert expected in shown.stdout


def test_the_record_says_what_was_heard_of_the_cut_reply(shown: subprocess.CompletedProcess[str], place: Path) -> None:
    call = json.loads((place / "kept/here/call.json").read_text())

    assert (call["state"], call["end_reason"], call["carrier_status"]) == ("ended", "agent_hung_up", "completed")
    assert TALKS_FOR_S / 2 < call["duration_ms"] / 1000 < TALKS_FOR_S * 2
    cut = [entry for entry in call["transcript"] if entry.get("cut")]
    assert len(cut) == 1
    assert 0 < cut[0]["heard_ms"] < cut[0]["sound_ms"]
    tools = {entry["name"]: entry["status"] for entry in call["transcript"] if entry["type"] == "tool"}
    assert tools["find_table"] == tools["book_table"] == "done"


def test_the_recording_shows_the_cut(shown: subprocess.CompletedProcess[str], place: Path) -> None:
    """Read with other means than the demo's own."""
    with wave.open(str(place / "kept/here/call.wav")) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        samples = array.array("h", file.readframes(file.getnframes()))
    caller, agent = loud_windows(samples[0::2]), loud_windows(samples[1::2])
    turns = [at for at in range(A_SECOND, len(caller)) if caller[at] and not any(caller[at - A_SECOND : at])]
    assert len(turns) == 3
    interruption = turns[1]

    assert share(agent[interruption - 3 * A_SECOND : interruption]) > 0.6, "the agent was speaking"
    assert share(caller[interruption + A_SECOND : interruption + 3 * A_SECOND]) > 0.6, "the caller goes on"
    silent = samples[1::2][(interruption + A_SECOND) * WINDOW : (interruption + 3 * A_SECOND) * WINDOW]
    assert not any(silent), "and nothing of the agent is left"
    for ordinary in (turns[0], turns[2]):
        assert not any(agent[ordinary - A_SECOND // 2 : ordinary + A_SECOND])


def loud_windows(samples: Sequence[int]) -> list[bool]:
    """Of each 20 ms, if it is at least as loud as quiet speech."""
    windows = [samples[at : at + WINDOW] for at in range(0, len(samples), WINDOW)]
    return [math.sqrt(sum(s * s for s in window) / len(window)) > 200 for window in windows]


def share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags)
