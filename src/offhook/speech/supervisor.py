"""Keeps a speech server running: starts it, waits for it, and starts it again when it dies.

The voice is a library written in C that some texts can crash. The listening socket is made here and handed down, so
that a client who connects while there is no server waits for the next one and is not refused.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from offhook.errors import EngineError
from offhook.speech.address import health_of, listen, url_of
from offhook.telemetry.logs import get_logger

FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 5.0
"""Between a death and the next start; doubled each time, until one lives for SETTLED_S."""

SETTLED_S: Final = 30.0
HOPELESS: Final = 2
"""The exit code of a server that cannot run as things are set; it is not started again."""

KILL_AFTER_S: Final = 5.0
"""A child that was told to end and has not is killed."""

STOP_WITHIN_S: Final = 7.0
READY_WITHIN_S: Final = 60.0
"""Loading takes 2 s on a quiet machine."""

_log = get_logger(__name__)


class Supervisor:
    """One child at a time, until ``stop``. ``command`` is what to run; it gets the listening socket by its number."""

    def __init__(self, command: list[str], listener: socket.socket, variables: Mapping[str, str] | None = None) -> None:
        self._command = command
        self._listener = listener
        self._variables = dict(variables or {})
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()

    def run(self) -> int:
        """Return the exit code for the process: when stopped, or when there is no use in trying again."""
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            began = time.monotonic()
            code = self._life()
            if self._stopping.is_set():
                return 0
            if code == HOPELESS:
                return code
            lived_s = time.monotonic() - began
            pause_s = FIRST_PAUSE_S if lived_s > SETTLED_S else pause_s
            _log.error("the speech server died and is started again", exit_code=code, after_s=round(lived_s, 1))
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        return 0

    def stop(self, *_: object) -> None:
        """End the child, and then ``run``. From any thread, or as a handler of signals."""
        self._stopping.set()
        if self._child is not None:
            self._child.terminate()
            killing = threading.Timer(KILL_AFTER_S, self._child.kill)
            killing.daemon = True
            killing.start()

    def _life(self) -> int:
        """One child from start to end. Whatever files it leaves behind go with it."""
        with TemporaryDirectory(prefix="offhook-speech-") as folder:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,  # says that we are here: it ends when we do, also when we are killed
                pass_fds=[self._listener.fileno()],
                env={**os.environ, **self._variables, "TMPDIR": folder},
                start_new_session=True,  # Ctrl-C is for us; we tell it when we are done
            )
            if self._stopping.is_set():
                self._child.terminate()
            code = self._child.wait()
            assert self._child.stdin is not None
            self._child.stdin.close()
        return code


def supervise(listener: socket.socket) -> int:
    """Serve speech on this socket until a signal says stop. Return the exit code for the process."""
    supervisor = Supervisor(_worker(listener), listener)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.stop)
    return supervisor.run()


@contextmanager
def speech_process(variables: Mapping[str, str] | None = None, *, host: str = "127.0.0.1") -> Iterator[str]:
    """A speech server in a process of its own for as long as the block lasts; yields its URL once it answers.

    A thread of this process starts it again when it dies. ``variables`` are added to its environment. EngineError if it
    does not come up.
    """
    with listen(host, 0) as listener:
        supervisor = Supervisor(_worker(listener), listener, variables)
        keeping = threading.Thread(target=supervisor.run, name="speech-supervisor", daemon=True)
        keeping.start()
        try:
            url = url_of(listener)
            _wait_until_ready(keeping, url)
            yield url
        finally:
            supervisor.stop()
            keeping.join(STOP_WITHIN_S)


def _worker(listener: socket.socket) -> list[str]:
    return [sys.executable, "-m", "offhook", "speech", "--socket", str(listener.fileno())]


def _wait_until_ready(keeping: threading.Thread, url: str) -> None:
    give_up_at = time.monotonic() + READY_WITHIN_S
    while keeping.is_alive() and time.monotonic() < give_up_at:
        with suppress(httpx.HTTPError):
            # It waits in the socket's queue until somebody accepts it.
            if httpx.get(health_of(url), timeout=2.0, trust_env=False).is_success:
                return
    if not keeping.is_alive():
        raise EngineError("local", "the speech server could not be started; its own message is above", retryable=False)
    raise EngineError("local", f"the speech server did not answer within {READY_WITHIN_S:g} s", retryable=False)
