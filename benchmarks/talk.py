"""What callers say, and how they listen: the two patterns of a run."""

import random
from binascii import b2a_base64
from enum import StrEnum
from functools import cache
from itertools import cycle
from typing import Final

from offhook.audio.g711 import pcm16_to_pcmu
from offhook.loadtest.figures.lateness import Lateness, LatenessSink

FRAME_MS: Final = 20
FRAME_BYTES: Final = 160
CYCLE_FRAMES: Final = 200
"""Four seconds; in the light pattern that is a turn."""

LOUD_FRAMES: Final = 40
"""Of them the caller speaks; half a second later the turn is over, and the reply begins."""

REPLY_FRAMES: Final = 75
"""1.5 s: what is said in reply in each cycle of the light pattern."""

GAP_S: Final = 0.4
"""Sound that pauses for longer is a new reply."""


class Pattern(StrEnum):
    """Callers always stream. What differs is when there is sound of the reply."""

    LIGHT = "light"
    """1.5 of every 4 seconds, each in answer to a turn of the caller."""
    FULL = "full"
    """All the time."""

    @property
    def reply_share(self) -> float:
        """How much of the time there is sound of the reply."""
        return REPLY_FRAMES / CYCLE_FRAMES if self is Pattern.LIGHT else 1.0


@cache
def frames(pattern: Pattern) -> tuple[bytes, ...]:
    """Four seconds of a caller, to be repeated: 20 ms each, µ-law in base64.

    Soft noise, about -50 dBFS, which nobody takes for speech; in the light pattern it begins with loud noise.
    """
    chance = random.Random(7)
    loud = LOUD_FRAMES if pattern is Pattern.LIGHT else 0
    return tuple(
        b2a_base64(_noise(chance, 5000 if number < loud else 80), newline=False) for number in range(CYCLE_FRAMES)
    )


def _noise(chance: random.Random, level: float) -> bytes:
    samples = (max(-32768, min(32767, round(chance.gauss(0, level)))) for _ in range(FRAME_BYTES))
    return pcm16_to_pcmu(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))


class Caller:
    """Speaks and listens in place of a handset: a ``Talker`` of the stand-in."""

    def __init__(self, pattern: Pattern, number: int, sink: LatenessSink) -> None:
        ready = frames(pattern)
        start = number * 67 % CYCLE_FRAMES  # so that callers do not speak in chorus
        self._frames = cycle(ready[start:] + ready[:start])
        self._sink = sink
        self._lateness = Lateness(sink)
        self._last_at = 0.0
        self.heard_ms = 0.0

    def next_payload(self, at: float) -> bytes:
        """The next 20 ms."""
        return next(self._frames)

    def hears(self, size_bytes: int, now: float) -> None:
        """Sound came; after a pause, a reply begins, which has a clock of its own."""
        if now - self._last_at > GAP_S:
            self._lateness = Lateness(self._sink)
        self._last_at = now
        duration_ms = size_bytes / 8
        self.heard_ms += duration_ms
        self._lateness.arrived(duration_ms, now)
