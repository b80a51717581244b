"""Processes of a run: started on their cores, waited for until they answer, read, and ended whatever happens."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.cores import Cores, on
from benchmarks.readings import Reading, read

ROOT: Final = Path(__file__).parent.parent
LOGS: Final = ROOT / "out" / "bench"
HEALTHY_WITHIN_S: Final = 60.0
END_WITHIN_S: Final = 15.0
LOG_TAIL_CHARS: Final = 2000


class StageError(Exception):
    """A process did not start, or ended before its time."""


class Actor:
    """One process. Its output is in ``log``."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.pid = process.pid
        self.log = log
        self._process = process

    def read(self) -> Reading:
        """What it and its children use. StageError if it is gone."""
        self.check()
        return read(self.pid)

    def check(self) -> None:
        """StageError if it has ended."""
        code = self._process.poll()
        if code is not None:
            tail = self.log.read_text(errors="replace")[-LOG_TAIL_CHARS:]
            raise StageError(f"{self.name} ended with code {code}:\n{tail}")

    def until_healthy(self, url: str, within_s: float = HEALTHY_WITHIN_S) -> None:
        """Wait until the URL answers with success. StageError if it does not in time."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            self.check()
            try:
                with urllib.request.urlopen(url, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise StageError(f"{self.name} does not answer at {url} within {within_s:g} s")

    def until_listening(self, port: int, within_s: float = HEALTHY_WITHIN_S) -> None:
        """Wait until the port takes connections. StageError if it does not in time."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            self.check()
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise StageError(f"{self.name} does not listen on port {port} within {within_s:g} s")

    def end(self) -> None:
        """Ask it to end; after a while, make it. It leads a group of its own, so its children go with it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self._process.wait()


class Stage:
    """All processes of a run. Leaving it ends them, the last started first."""

    def __init__(self, logs: Path = LOGS) -> None:
        self._logs = logs
        self._actors: list[Actor] = []

    def start(
        self, name: str, command: Sequence[str | Path], cores: Cores, environment: Mapping[str, str] | None = None
    ) -> Actor:
        """Start a process on these cores. No OFFHOOK_… variable reaches it but those of ``environment``."""
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{name}.log"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("OFFHOOK_")}
        with log.open("wb") as output, on(cores):
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=ROOT,
                env=inherited | dict(environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        actor = Actor(name, process, log)
        self._actors.append(actor)
        return actor

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._actors:
            self._actors.pop().end()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def leave_in_order() -> None:
    """Have SIGTERM end this process like an exception, so that a stage is left and its processes are ended."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def allow_many_sockets() -> None:
    """Raise this process's limit of open files to what it may have; processes it starts inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
