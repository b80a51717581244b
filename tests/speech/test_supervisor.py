"""The processes around the server. Small programs play the child where only its life and death count."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from offhook.speech.address import health_of, listen
from offhook.speech.supervisor import HOPELESS, Supervisor, speech_process

WITHIN_S = 15.0


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with listen("127.0.0.1", 0) as opened:
        yield opened


def until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def program(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_child_that_dies_is_started_again(listener: socket.socket, tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    supervisor = Supervisor(program(f"open({str(lives)!r}, 'a').write('x'); import os; os.abort()"), listener)
    running = threading.Thread(target=supervisor.run)
    running.start()
    until(lambda: lives.exists() and len(lives.read_text()) >= 3)
    supervisor.stop()
    running.join(WITHIN_S)
    assert not running.is_alive()


def test_what_a_dead_child_leaves_in_the_temporary_folder_goes_with_it(listener: socket.socket, tmp_path: Path) -> None:
    left = tmp_path / "left"
    child = f"""
import os, tempfile
folder = tempfile.mkdtemp()
open({str(left)!r}, "a").write(folder + "\\n")
os.abort()
"""
    supervisor = Supervisor(program(child), listener)
    running = threading.Thread(target=supervisor.run)
    running.start()
    until(lambda: left.exists() and len(left.read_text().splitlines()) >= 2)
    supervisor.stop()
    running.join(WITHIN_S)
    assert not any(Path(folder).exists() for folder in left.read_text().splitlines())


def test_a_child_that_cannot_run_as_things_are_set_is_not_started_again(
    listener: socket.socket, tmp_path: Path
) -> None:
    lives = tmp_path / "lives"
    child = program(f"open({str(lives)!r}, 'a').write('x'); raise SystemExit({HOPELESS})")
    assert Supervisor(child, listener).run() == HOPELESS
    assert lives.read_text() == "x"


def test_a_child_that_does_not_listen_to_signals_is_killed(
    listener: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offhook.speech.supervisor.KILL_AFTER_S", 0.2)
    ready = tmp_path / "ready"
    stubborn = f"""
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open({str(ready)!r}, "w").close()
time.sleep(60)
"""
    supervisor = Supervisor(program(stubborn), listener)
    running = threading.Thread(target=supervisor.run)
    running.start()
    until(ready.exists)
    supervisor.stop()
    running.join(WITHIN_S)
    assert not running.is_alive()


def test_a_child_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    """Nobody can tell it then; its standard input does."""
    done = tmp_path / "done"
    child = f"""
import threading
from offhook.speech import lifeline
gone = threading.Event()
lifeline.watch(gone.set)
print("up", flush=True)
assert gone.wait({WITHIN_S})
open({str(done)!r}, "w").close()
"""
    parent = f"""
import sys
from offhook.speech.address import listen
from offhook.speech.supervisor import Supervisor
Supervisor([sys.executable, "-c", {child!r}], listen("127.0.0.1", 0)).run()
"""
    with subprocess.Popen(program(parent), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.kill()
        until(done.exists)


def test_a_speech_server_is_started_replaced_when_it_dies_and_ended() -> None:
    others = workers()
    with speech_process({"OFFHOOK_LOG_LEVEL": "error"}) as url:
        health = health_of(url)
        assert httpx.get(health, trust_env=False).json()["status"] == "ok"
        [worker] = set(workers()) - set(others)
        os.kill(worker, signal.SIGKILL)
        # It waits in the socket's queue for the next one, and is not refused.
        assert httpx.get(health, timeout=WITHIN_S, trust_env=False).json()["status"] == "ok"
        assert worker not in workers()
    assert workers() == others
    with pytest.raises(httpx.ConnectError):
        httpx.get(health, trust_env=False)


def workers() -> list[int]:
    """Processes below this one that serve speech; other tests may have one, too."""
    tree = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in tree.splitlines()]
    below, more = {os.getpid()}, True
    while more:
        found = {int(pid) for pid, parent, _ in rows if int(parent) in below}
        more = not found <= below
        below |= found
    served = (row for row in rows if "offhook speech" in row[2])
    return [int(pid) for pid, *_ in served if int(pid) in below]
