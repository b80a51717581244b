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

    def add(self, frame: bytes) -> float:
        """Keep one frame; the oldest go if that is too much. Return how much sound went, in milliseconds."""
        self._frames.append(frame)
        self._size_bytes += len(frame)
        gone_bytes = 0
        while self._size_bytes > self._limit_bytes and self._frames:
            oldest = self._frames.popleft()
            self._size_bytes -= len(oldest)
            gone_bytes += len(oldest)
        if not gone_bytes:
            return 0.0
        gone_ms = self._format.duration_ms(gone_bytes)
        self.dropped_ms += gone_ms
        return gone_ms

    def drain(self) -> Iterator[bytes]:
        """Take frames out, oldest first. What is not taken stays."""
        while self._frames:
            frame = self._frames.popleft()
            self._size_bytes -= len(frame)
            yield frame
