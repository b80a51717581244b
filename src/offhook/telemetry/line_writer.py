"""Writes lines to a file descriptor from a thread of its own, so that who logs never waits for a slow terminal or pipe.

Lines that wait are bounded; what comes when there is no room is dropped and counted, and told of in the log itself as
soon as it takes lines again. The descriptor is written to directly: a thread that hangs in Python's own stderr, with
its lock, would crash the interpreter at exit.

Make one after a fork, not before: threads do not cross it.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

WAITING_LIMIT_BYTES: Final = 4_000_000
"""So much may wait: at 300 bytes a line some 13,000 lines."""

FLUSH_WITHIN_S: Final = 2.0
"""At exit, what still waits has this long to be taken."""


BLOCKED_PAUSE_S: Final = 0.01
"""Between two tries at a descriptor that does not wait by itself."""


class LineWriter:
    """Lines on their way to one descriptor. ``dropped_line(n)`` makes the line that tells of ``n`` dropped ones."""

    def __init__(
        self, descriptor: int, dropped_line: Callable[[int], bytes], *, limit_bytes: int = WAITING_LIMIT_BYTES
    ) -> None:
        self._descriptor = os.dup(descriptor)  # ours alone: a number that was closed may become somebody's socket
        self._dropped_line = dropped_line
        self._limit_bytes = limit_bytes
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._untold = 0
        self.lost = 0
        """Lines that were dropped, or could not be written."""
        self._closed = False
        self._writing = False
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="log-writer", daemon=True).start()

    def put(self, line: bytes) -> None:
        """Have a line written; never waits for the descriptor."""
        with self._changed:
            if self._closed or self._waiting_bytes + len(line) > self._limit_bytes:
                self.lost += 1
                self._untold += not self._closed
                return
            self._waiting.append(line)
            self._waiting_bytes += len(line)
            if len(self._waiting) == 1:
                self._changed.notify_all()

    def flush(self, within_s: float = FLUSH_WITHIN_S) -> bool:
        """Wait until all is written, but no longer than that. Return whether it was."""
        with self._changed:
            return self._changed.wait_for(self._is_idle, within_s)

    def close(self) -> None:
        """Take no more lines; those that wait are still written, if this process lives on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _is_idle(self) -> bool:
        return not (self._waiting or self._untold or self._writing)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._untold or self._closed)
                if not self._waiting and not self._untold:
                    break
                lines, self._waiting = self._waiting, deque()
                untold, self._untold = self._untold, 0
                self._writing = True
            while lines:
                self._write(line := lines.popleft())
                with self._changed:
                    self._waiting_bytes -= len(line)
            if untold:
                self._write(self._dropped_line(untold))
            with self._changed:
                self._writing = False
                self._changed.notify_all()
        os.close(self._descriptor)

    def _write(self, line: bytes) -> None:
        rest = memoryview(line)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # somebody who shares it has made it non-blocking
                time.sleep(BLOCKED_PAUSE_S)
            except OSError:  # nobody reads any more, and there is nowhere to say so
                with self._changed:
                    self.lost += 1
                return
