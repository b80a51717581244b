"""Networks that are told what to say, and that fail, hang and die."""

import threading
from collections.abc import Callable

from offhook.ears.silero import Memory, Silero

LOUD = b"\x10\x27" * 256
"""A window that is speech: 10000 in every sample."""
SOFT = b"\xd0\x07" * 256
"""One that is none, and too loud for the gate: 2000."""
SILENT = bytes(512)


class FakeNetwork(Silero):
    """What is loud is speech. ``on_batch`` is called before each batch, on the thread of the ears."""

    def __init__(self, on_batch: Callable[[list[bytes]], None] = lambda _: None) -> None:
        self.on_batch = on_batch
        self.batches: list[int] = []
        self.is_held = threading.Event()
        self.let_go = threading.Event()

    def probabilities(self, windows: list[bytes], memories: list[Memory]) -> list[float]:
        self.on_batch(windows)
        self.batches.append(len(windows))
        for memory in memories:
            memory.state += 1
        return [0.9 if window == LOUD else 0.1 for window in windows]

    def hold(self, _: list[bytes]) -> None:
        self.is_held.set()
        self.let_go.wait(10)
