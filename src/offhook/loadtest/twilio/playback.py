"""Twilio's queue of sound towards the caller on one stream (Twilio docs: "Media Streams - WebSocket Messages").

``media`` is queued and played at real time, however fast it comes. A ``mark`` is echoed when what was queued before it
has been played, and ``clear`` empties the queue and echoes every pending mark at once. Told the time, so that a test
can step it.
"""

from collections import deque
from math import floor, inf
from typing import Final

from offhook.loadtest.twilio.track import SAMPLES_PER_S, Track

QUEUE_LIMIT_S: Final = 3600.0
"""Most sound that waits on one stream. Twilio's own limit is not documented (UNVERIFIED)."""

MARKS_LIMIT: Final = 10_000
"""Most marks that wait on one stream. Ours: a peer that only sends marks must not grow without end."""

_ROUNDING_SAMPLES: Final = 1e-3
"""Far below one sample, far above what floats lose when a deadline is turned into seconds and back."""


class Playback:
    """What plays when, to the sample. ``origin`` is when the call was answered: where its track begins."""

    __slots__ = ("_end", "_marks", "_origin", "_taken", "_track")

    def __init__(self, origin: float, track: Track) -> None:
        self._origin = origin
        self._track = track
        self._end = 0  # the place where the queue will have been played
        self._taken = 0  # samples queued and not cleared
        self._marks: deque[tuple[int, str]] = deque()

    @property
    def has_marks(self) -> bool:
        """Marks are pending."""
        return bool(self._marks)

    def play(self, sound: bytes, now: float) -> bool:
        """Queue µ-law. False if there is no room for it; then nothing was queued."""
        if not self.play_unkept(len(sound), now):
            return False
        self._track.put(self._end - len(sound), sound)
        return True

    def play_unkept(self, size_bytes: int, now: float) -> bool:
        """Queue so much µ-law, which nobody will want to hear again. False as above."""
        place = self._place(now)
        if self._end - place > QUEUE_LIMIT_S * SAMPLES_PER_S:
            return False
        self._end = max(self._end, place) + size_bytes
        self._taken += size_bytes
        return True

    def mark(self, name: str, now: float) -> list[str] | None:
        """Queue a mark. The marks that are due now, this one among them if nothing plays; None if there is no room.

        That Twilio echoes at once when its queue is empty is UNVERIFIED.
        """
        if len(self._marks) >= MARKS_LIMIT:
            return None
        self._marks.append((self._end, name))
        return self.on_time(now)

    def clear(self, now: float) -> list[str]:
        """Stop playing. Every pending mark, played or not: the echoes look the same."""
        self._drop_unplayed(now)
        names = [name for _, name in self._marks]
        self._marks.clear()
        return names

    def on_time(self, now: float) -> list[str]:
        """The marks that are due, in order."""
        due: list[str] = []
        if self._marks:
            place = self._place(now)
            while self._marks and self._marks[0][0] <= place:
                due.append(self._marks.popleft()[1])
        return due

    def deadline(self) -> float:
        """When on_time() wants to be called; inf if never."""
        return self._origin + self._marks[0][0] / SAMPLES_PER_S if self._marks else inf

    def stop(self, now: float) -> None:
        """The stream has ended: nobody hears the rest, and nobody is there for the echoes.

        UNVERIFIED that Twilio drops what is queued; a gateway should let its last sentence be played before it closes.
        """
        self._drop_unplayed(now)
        self._marks.clear()

    def played_ms(self, now: float) -> float:
        """Of this stream's sound, how much the caller has heard."""
        return (self._taken - max(0, self._end - self._place(now))) * 1000 / SAMPLES_PER_S

    def queued_ms(self, now: float) -> float:
        """Of this stream's sound, how much the caller is still to hear."""
        return max(0, self._end - self._place(now)) * 1000 / SAMPLES_PER_S

    def _place(self, now: float) -> int:
        return floor((now - self._origin) * SAMPLES_PER_S + _ROUNDING_SAMPLES)

    def _drop_unplayed(self, now: float) -> None:
        place = self._place(now)
        if place < self._end:
            self._taken -= self._end - place
            self._end = place
            self._track.cut(place)
