"""The demo as somebody runs it who has other things set: with lines of their own, and with an agent of their own."""

import array
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest

WINDOW = 160
"""Samples: 20 ms."""
A_SECOND = 50
"""Windows."""

QUESTION = "When are you open?"
GOODBYE = "Bye bye."

UNSEEN = '''
from pathlib import Path
from typing import Literal

from offhook import Agent

agent = Agent(name="bakery", greeting="The bakery.", examples=("what can i order",))


@agent.tool(phrases=("order a {kind} cake", "i would like a {kind} cake"))
async def order_cake(kind: Literal["cherry", "chocolate", "lemon"]) -> str:
    """Order a cake.

    Args:
        kind: what is in it
    """
    Path("orders.txt").write_text(kind)
    return f"One {kind} cake is ordered."
'''


def demo(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "offhook", "demo", "--out", "kept/here", *arguments]


def hostile() -> dict[str, str]:
    """An environment in which nothing would start."""
    return {**os.environ, "OFFHOOK_PORT": "eighty", "HTTP_PROXY": "http://127.0.0.1:9", "PYTHONWARNINGS": "error"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(place: Path) -> subprocess.CompletedProcess[str]:
    """A call of two turns, with the restaurant."""
    (place / "offhook.toml").write_text('port = "nonsense"\n')
    (place / "queue.py").write_text("raise RuntimeError('not the one of the standard library')\n")
    return subprocess.run(
        demo("--say", QUESTION, GOODBYE),
        cwd=place,
        env=hostile() | {"PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_demo_ends_well_and_shows_the_call(shown: subprocess.CompletedProcess[str]) -> None:
    assert shown.returncode == 0, shown.stderr
    assert shown.stderr == ""
    assert "\x1b" not in shown.stdout
    for expected in (
        "The Olive Tree, hello!",
        "when are you open",
        "opening_hours()",
        "opening_hours done: From Tuesday to Sunday",
        "bye bye",
        "agent hung up",
        "p50 ",
        "kept/here/call.wav",
        "kept/here/call.json",
        "kept/here/call.svg",
    ):
        assert expected in shown.stdout


def test_the_record_has_the_words_that_were_understood(shown: subprocess.CompletedProcess[str], place: Path) -> None:
    call = json.loads((place / "kept/here/call.json").read_text())

    assert (call["state"], call["end_reason"], call["engine"]) == ("ended", "agent_hung_up", "local")
    assert [entry["text"] for entry in call["transcript"] if entry["type"] == "caller"] == [
        "when are you open",
        "bye bye",
    ]
    tools = {entry["name"]: entry["status"] for entry in call["transcript"] if entry["type"] == "tool"}
    assert tools == {"opening_hours": "done", "end_call": "done"}


def test_the_recording_has_the_waits_that_are_told(shown: subprocess.CompletedProcess[str], place: Path) -> None:
    """Read with other means than the demo's own."""
    with wave.open(str(place / "kept/here/call.wav")) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        samples = array.array("h", file.readframes(file.getnframes()))
    caller, agent = loud_windows(samples[0::2]), loud_windows(samples[1::2])
    ends = [at for at in range(len(caller) - A_SECOND) if caller[at] and not any(caller[at + 1 : at + A_SECOND])]
    waits_ms = [20 * (agent.index(True, end + 1) - end - 1) for end in ends]
    told = re.search(r"first sound ([\d, ]+) ms after the caller stopped", shown.stdout)

    assert told is not None
    assert len(waits_ms) == 2
    for measured, shown_ms in zip(waits_ms, map(int, told[1].split(", ")), strict=True):
        assert abs(measured - shown_ms) <= 100  # the end of a word is where one says it is


def test_the_picture_has_the_words_and_the_waits(shown: subprocess.CompletedProcess[str], place: Path) -> None:
    root = ET.parse(place / "kept/here/call.svg").getroot()
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]

    assert {"when are you open", "bye bye", "opening_hours()"} <= set(texts)
    assert len([text for text in texts if text and re.fullmatch(r"\d+ ms", text)]) == 2


def test_an_agent_that_nobody_has_seen_is_talked_to_and_goes_on_serving(tmp_path: Path) -> None:
    (tmp_path / "unseen_bakery.py").write_text(UNSEEN)
    process = subprocess.Popen(
        demo("--agent", "unseen_bakery:agent", "--stay", "--say", "I would like a chocolate cake."),
        cwd=tmp_path,
        env=hostile() | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        shown = ""
        while "offhook calls" not in shown:
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            shown += line
        gateway, speech = (found_url(shown, name) for name in ("gateway", "speech"))
        assert httpx.get(f"{gateway}/readyz", trust_env=False).is_success
        assert httpx.get(f"{speech}/healthz", trust_env=False).is_success
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()

    assert (process.returncode, errors) == (0, "")
    assert "order_cake(kind='chocolate')" in shown
    assert (tmp_path / "orders.txt").read_text() == "chocolate"
    for url in (gateway, speech):
        assert is_gone(url)


def found_url(shown: str, name: str) -> str:
    found = re.search(rf"{name} .*?(?:http|ws)://(127\.0\.0\.1:\d+)", shown)
    assert found is not None
    return f"http://{found[1]}"


def is_gone(url: str) -> bool:
    """Within a second: a process that was ended may need a moment to be gone."""
    give_up_at = time.monotonic() + 1
    while time.monotonic() < give_up_at:
        with suppress(httpx.TransportError):
            httpx.get(f"{url}/healthz", trust_env=False, timeout=1)
            continue
        return True
    return False


def loud_windows(samples: Sequence[int]) -> list[bool]:
    """Of each 20 ms, if it is at least as loud as quiet speech."""
    windows = [samples[at : at + WINDOW] for at in range(0, len(samples), WINDOW)]
    return [math.sqrt(sum(s * s for s in window) / len(window)) > 184 for window in windows]
