"""Decoders that fail, hang and die when they are told to."""

import threading
from collections.abc import Callable

from offhook.errors import RecogniserError
from offhook.recognisers.sphinx.decoder import Decoded, ModelFiles, Segment


class FakeDecoder:
    """Hears "hello" in everything. ``on_hear`` is called with each piece of sound, on the desk's thread."""

    def __init__(self, on_hear: Callable[[bytes], None] = lambda _: None) -> None:
        self.kept: list[str] = []
        self.on_hear = on_hear
        self.log: list[str] = []
        self.heard_bytes = 0
        self.is_closed = False

    def fit(self, files: ModelFiles) -> None:
        self.kept = [files.digest]

    def begin(self, loudness_rms: float | None = None) -> None:
        self.log.append("begin")
        self.heard_bytes = 0

    def hear(self, pcm16_8k: bytes) -> None:
        self.on_hear(pcm16_8k)
        self.heard_bytes += len(pcm16_8k)

    def interim(self) -> str:
        return "hello"

    def finish(self) -> Decoded:
        self.log.append("finish")
        frames = self.heard_bytes // 160
        return Decoded((Segment("hello", 0, frames - 1, -30.0 * frames),), frames, -30 * frames)

    def close(self) -> None:
        assert not self.is_closed
        self.is_closed = True


class Trouble:
    """What goes wrong in a decoder, at the first sound that begins with ``mark``. ``held`` ends a hang."""

    MARK = b"\x01\x7f" * 80

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.held = threading.Event()

    def __call__(self, pcm16_8k: bytes) -> None:
        if self.MARK not in pcm16_8k:
            return
        if self.kind == "fail":
            raise RecogniserError("sphinx", "the decoder answered -1", code="failed")
        if self.kind == "die":
            raise SystemExit
        self.held.wait(30)
