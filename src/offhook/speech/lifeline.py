"""A process that shall not outlive the one that started it: its standard input is a pipe, and ends when that one does.

Also when it was killed, which no signal would tell.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress


def watch(gone: Callable[[], object]) -> None:
    """Call ``gone`` once, in a thread of its own, when standard input ends."""
    threading.Thread(target=_wait, args=(gone,), name="lifeline", daemon=True).start()


def _wait(gone: Callable[[], object]) -> None:
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    with suppress(RuntimeError):  # the loop that it would tell is closed
        gone()
