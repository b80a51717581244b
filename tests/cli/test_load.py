import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from offhook.cli.app import app
from offhook.cli.load_screen import LoadScreen, knee_lines, progress_line
from offhook.loadtest.figures.process import CAN_READ
from offhook.loadtest.load.knee import Knee
from offhook.loadtest.load.report import Second
from offhook.loadtest.load.tally import Tally


def load(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, ["load", *arguments], env=environment)


async def real(folder: Path, *arguments: str) -> tuple[int, str, dict[str, Any]]:
    """Run the program in a process; its exit code, what it said, and its report."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "offhook", "load", *arguments),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode(), json.loads((folder / "out" / "load.json").read_text())


async def test_a_short_run_reports_what_the_callers_saw(tmp_path: Path) -> None:
    code, said, report = await real(tmp_path, "--calls", "5", "--rate", "20", "--seconds", "3")

    calls = report["calls"]
    assert (calls["rung"], calls["streamed"], calls["completed"]) == (5, 5, 5), said
    assert (calls["rejected"], calls["failed"], calls["silences"]) == (0, 0, 0)
    assert report["errors"] == {}
    assert calls["mean_live"] == pytest.approx(5, abs=0.1)
    assert report["set_up_ms"]["count"] == report["first_sound_ms"]["count"] == 5
    assert report["set_up_ms"]["p50"] > 0
    assert report["calls"]["turns"] == 5
    # Half a second of silence, and 200 ms of thought.
    assert report["response_ms"]["p50"] > report["far_end_takes_ms"]["p50"] - 20 > 650
    assert report["gateway_share_of_response_ms"]["p50"] < 500
    assert report["up"]["lateness_ms"]["count"] > 500
    assert report["down"]["lateness_ms"]["count"] > 100
    assert report["up"]["received_ms"] == pytest.approx(report["up"]["sent_ms"], abs=1000)
    assert report["seconds"][-1]["streaming"] == 5
    if CAN_READ:
        assert report["server"]["cpu_ms_per_call_second"] > 0
    # How late sound is here says more about this machine than about the program.
    broken = [promise["name"] for promise in report["promises"] if promise["held"] is False]
    disturbed = [promise["name"] for promise in report["promises"] if promise["disturbed"]]
    assert all("lateness" in name or "share" in name for name in broken)
    assert code == (1 if broken or disturbed else 0)
    assert "5 calls up" in said
    assert (tmp_path / "out" / "load.html").read_text().startswith("<!doctype html>")


async def test_calls_that_a_full_gateway_rejects_are_counted_as_such(tmp_path: Path) -> None:
    code, said, report = await real(tmp_path, "--calls", "4", "--seconds", "1", "--max-calls", "2")

    assert code == 1
    assert report["calls"]["streamed"] == 2
    assert report["calls"]["rejected"] == 2
    assert report["calls"]["failed"] == 0
    assert "broken: all calls are taken: 2 of 4, 2 rejected: the door closed" in said


def children_of(pid: int) -> set[int]:
    return {int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not CAN_READ, reason="this system has no /proc")
async def test_interrupted_it_leaves_no_process_behind(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "offhook", "load", "--calls", "2", "--seconds", "60"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert b"Ringing" in await process.stdout.readline()
        await process.stdout.readline()  # the first line of progress: calls are up
        children = children_of(process.pid)
        process.send_signal(signal.SIGINT)
        _, said = await process.communicate()

    assert len(children) == 2
    assert process.returncode == 130
    assert said.decode() == "offhook load: stopped\n"
    assert not [pid for pid in children if is_running(pid)]


def test_where_no_gateway_answers_one_line_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = load(
        *("--url", f"http://127.0.0.1:{port}", "--calls", "1", "--seconds", "1"),
        *("--json", str(tmp_path / "a.json"), "--html", str(tmp_path / "a.html")),
    )

    assert result.exit_code == 1
    assert result.stderr.startswith(f"offhook load: no gateway answers at http://127.0.0.1:{port}/twilio/voice: ")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "a.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--calls", "0"], "calls must be above 0"),
        (["--pattern", "shouting"], "talk or all-the-time"),
        (["--churn", "0.1"], "the mean length of a call"),
        (["--url", "gateway"], "no http or https address"),
        (["--url", "http://10.1.2.3:8000"], "is not on this machine"),
        (["--pid", "1"], "goes with --url"),
        (["--far-end-port", "9000"], "goes with --url"),
        (["--url", "http://127.0.0.1:1", "--max-calls", "5"], "goes without --url"),
        (["--url", "http://127.0.0.1:1", "--far-end-port", "1", "--far-end-stats", "http://x"], "goes without"),
        (["--find-knee", "--calls", "50", "--most", "40"], "from --calls to 10000"),
        (["--wav", "."], "is a directory"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(arguments: list[str], said: str) -> None:
    result = load(*arguments, environment={"COLUMNS": "400"})

    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


def test_a_recording_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_bytes(b"no")
    result = load("--wav", str(tmp_path / "no.wav"))

    assert result.exit_code == 1
    assert "no.wav" in result.stderr
    assert result.stderr.count("\n") == 1


def row(at_s: float, **changes: Any) -> Second:
    return Second(at_s, 7, 0, 3.0, 4.0, 0.1, 0.1, 0.1, None)


def test_progress_names_what_matters() -> None:
    tally = Tally()
    tally.set_up.add(12)
    tally.error("x")

    line = progress_line(row(3), tally)

    for part in ("7 calls up", "set-up p99 12 ms", "lateness p99 4.0 ms", "1 errors"):
        assert part in line


def test_where_there_is_no_terminal_a_line_comes_every_five_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    with LoadScreen(Console(force_terminal=False)) as screen:
        for at in range(1, 13):
            screen.progress(row(at), Tally())

    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize(
    ("knee", "said"),
    [
        (Knee(500, 525, None), ["The knee is at 500 calls: 525 broke", "OFFHOOK_MAX_CALLS_PER_WORKER=400"]),
        (Knee(500, None, None), ["above 500 calls, the most that were tried", "OFFHOOK_MAX_CALLS_PER_WORKER=400"]),
        (Knee(500, None, 600), ["above 500 calls: at 600 the load tester", "OFFHOOK_MAX_CALLS_PER_WORKER=400"]),
        (Knee(500, 700, 600), ["above 500 calls: at 600 the load tester", "OFFHOOK_MAX_CALLS_PER_WORKER=400"]),
        (Knee(60, 75, None, 60), ["The door closed at 60 calls, and 60 held", "OFFHOOK_MAX_CALLS_PER_WORKER=48"]),
        (Knee(0, 3, None, 0), ["No number of calls held: the door closed at 0"]),
        (Knee(0, 1, None), ["No number of calls held"]),
        (Knee(0, None, 1), ["Is the machine busy"]),
    ],
)
def test_the_knee_is_told_with_the_line_for_the_settings(knee: Knee, said: list[str]) -> None:
    lines = knee_lines(knee, door_off=True)

    assert all(any(part in line for line in lines) for part in said)


@pytest.mark.parametrize(
    ("door_off", "said"), [(True, "ran with the door off"), (False, "met the door that the gateway has now")]
)
def test_what_serving_with_that_number_means_is_the_last_line(door_off: bool, said: str) -> None:
    last = knee_lines(Knee(500, 525, None), door_off=door_off)[-1]

    assert "a worker takes 400 calls at a time, and the next caller hears that it is busy" in last
    assert said in last
