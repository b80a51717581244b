"""The caller's ear: what a line plays, when, and what of it was really heard.

This is the queue of Twilio Media Streams ("WebSocket Messages: media, mark, clear"): sound is played in order at real
time however fast it comes, a mark is due when all sound before it has been played, and a clear drops the rest and makes
every pending mark due at once. Told the time, in seconds.
"""

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import Final

from offhook.audio.formats import AudioFormat

HAIR_S: Final = 1e-6
"""What floats may lose between a deadline and the moment it is kept; far below one sample."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound that was heard without a gap, and when it began."""

    start_s: float
    sound: bytes


@dataclass(slots=True)
class _Run:
    """Sound that is, or was, played without a gap."""

    start_s: float
    sound: bytearray


class Earpiece:
    """One caller's. Keeps all that was heard, so it is for calls of minutes."""

    __slots__ = ("_ends_at", "_format", "_marks", "_runs")

    def __init__(self, audio: AudioFormat) -> None:
        self._format = audio
        self._ends_at = -inf
        self._marks: deque[tuple[float, int]] = deque()
        self._runs: list[_Run] = []

    def play(self, frame: bytes, now: float) -> None:
        """Queue sound of any length."""
        if self._ends_at < now - HAIR_S or not self._runs:
            self._runs.append(_Run(now, bytearray()))
        last = self._runs[-1]
        last.sound += frame
        self._ends_at = last.start_s + self._format.duration_ms(len(last.sound)) / 1000

    def mark(self, position_ms: int, now: float) -> None:
        """Queue a mark."""
        self._marks.append((max(now, self._ends_at), position_ms))

    def clear(self, now: float) -> list[int]:
        """Drop what was not heard yet. Return all pending marks."""
        if self._runs and now < self._ends_at:
            last = self._runs[-1]
            del last.sound[self._size_bytes(last, now) :]
            self._ends_at = now
        pending = [position_ms for _, position_ms in self._marks]
        self._marks.clear()
        return pending

    def on_time(self, now: float) -> list[int]:
        """The marks that are due."""
        due: list[int] = []
        while self._marks and self._marks[0][0] <= now + HAIR_S:
            due.append(self._marks.popleft()[1])
        return due

    def deadline(self) -> float:
        """When the next mark is due; inf if none is pending."""
        return self._marks[0][0] if self._marks else inf

    def heard(self, now: float) -> list[Stretch]:
        """All that was heard by then; between two stretches it was quiet."""
        return [Stretch(r.start_s, bytes(r.sound[: self._size_bytes(r, now)])) for r in self._runs if r.start_s < now]

    def heard_ms(self, now: float) -> float:
        """How much sound was heard by then."""
        return self._format.duration_ms(sum(len(stretch.sound) for stretch in self.heard(now)))

    def plays_until(self) -> float:
        """When all that is queued will have been heard; in the past if nothing is. -inf: nothing was ever played."""
        return self._ends_at

    def _size_bytes(self, run: _Run, now: float) -> int:
        return self._format.size_bytes((now - run.start_s + HAIR_S) * 1000)
