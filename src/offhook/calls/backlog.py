"""The caller's sound while the engine cannot take it: bounded in time, oldest dropped."""

from collections import deque
from collections.abc import Iterator

from offhook.audio.formats import AudioFormat


class Backlog:
    """At most ``limit_ms`` of frames of one format. What is dropped is counted."""

    __slots__ = ("_format", "_frames", "_limit_bytes", "_size_bytes", "dropped_ms")

    def __init__(self, audio: AudioFormat, limit_ms: int) -> None:
        self._format = audio
        self._limit_bytes = audio.size_bytes(limit_ms)
        self._frames: deque[bytes] = deque()
        self._size_bytes = 0
        self.dropped_ms = 0.0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def waiting_ms(self) -> float:
        """How much sound waits."""
        return self._format.duration_ms(self._size_bytes)

    def add(self, frame: bytes) -> None:
        """Keep one frame; the oldest go if that is too much."""
        self._frames.append(frame)
        self._size_bytes += len(frame)
        while self._size_bytes > self._limit_bytes and self._frames:
            oldest = self._frames.popleft()
            self._size_bytes -= len(oldest)
            self.dropped_ms += self._format.duration_ms(len(oldest))

    def drain(self) -> Iterator[bytes]:
        """Take frames out, oldest first. What is not taken stays."""
        while self._frames:
            frame = self._frames.popleft()
            self._size_bytes -= len(frame)
            yield frame
