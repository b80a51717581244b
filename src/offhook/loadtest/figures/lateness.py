"""How late sound comes, by its own clock.

Sound has one: its position in its stream. Were it sent evenly and carried evenly, every frame's arrival
less its position would be the same number. So the least such number seen in a stream stands for the undisturbed way,
and a frame is late by how far its own lies above it. Constant delay is not seen by this, and need not be: a call can
live with it, and not with frames that come in heaps.

The two clocks may drift apart; the reference creeps up by CREEP so that it follows. A step that stays is no lateness
but sound that is missing, or a sender that stood still: when even the best frame of a whole second came more than
MISSING_MS late, the reference is set anew, and the step is counted as missing.
"""

from math import inf
from typing import Final, Protocol

from offhook.loadtest.figures.distribution import Distribution

CREEP: Final = 100e-6
"""Of the time that passes: 0.1 ms a second. Crystals differ by less."""

WINDOW_MS: Final = 1000.0
MISSING_MS: Final = 60.0
"""Three frames: less is not told from a way that has become slower."""


class LatenessSink(Protocol):
    """Where many streams are counted together, in milliseconds."""

    lateness: Distribution
    missing_ms: float


class Share:
    """One stream's part of what is counted together: a sink that also knows what it put in."""

    __slots__ = ("_missing_ms", "_together", "lateness")

    def __init__(self, together: LatenessSink) -> None:
        self._together = together
        self._missing_ms = 0.0
        self.lateness = together.lateness

    @property
    def missing_ms(self) -> float:
        """Of this stream."""
        return self._missing_ms

    @missing_ms.setter
    def missing_ms(self, value: float) -> None:
        self._together.missing_ms += value - self._missing_ms
        self._missing_ms = value


class Lateness:
    """The account of one stream."""

    __slots__ = ("_add", "_best_ms", "_last_ms", "_position_ms", "_reference_ms", "_sink", "_window_ends_ms")

    def __init__(self, sink: LatenessSink) -> None:
        self._sink = sink
        self._add = sink.lateness.add
        self._position_ms = 0.0
        self._reference_ms = self._best_ms = inf
        self._last_ms = self._window_ends_ms = 0.0

    def arrived(self, duration_ms: float, now: float) -> float:
        """So much sound came, at ``now`` in seconds. Return how late it was, in milliseconds."""
        now_ms = now * 1000
        offset_ms = now_ms - self._position_ms
        self._position_ms += duration_ms
        if self._reference_ms == inf:
            self._reference_ms, self._window_ends_ms = offset_ms, now_ms + WINDOW_MS
        else:
            self._reference_ms += (now_ms - self._last_ms) * CREEP
        self._last_ms = now_ms
        late_ms = offset_ms - self._reference_ms
        if late_ms < 0:
            self._reference_ms, late_ms = offset_ms, 0.0
        self._add(late_ms)
        if late_ms < self._best_ms:
            self._best_ms = late_ms
        if now_ms >= self._window_ends_ms:
            if self._best_ms > MISSING_MS:
                self._sink.missing_ms += self._best_ms
                self._reference_ms += self._best_ms
            self._best_ms, self._window_ends_ms = inf, now_ms + WINDOW_MS
        return late_ms
