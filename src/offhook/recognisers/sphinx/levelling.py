"""Loud callers made softer and soft ones louder: the level that the model of the telephone channel was fitted at.

The model takes the level for a property of the sounds. Ten decibels too loud or too soft, a third of what it would
have understood scores as if it were something else (``benchmarks/recognition.py``).

A caller's level is that of the loudest frames. Of one who spoke before it is known; of others it is judged from the
first HOLD_MS, most of which an ear hands over at once, and corrected when they turn out to be louder. It is left alone
where it is nearly right, as each correction changes a sound in its middle.
"""

from bisect import insort
from typing import Final

import numpy as np
from numpy.typing import NDArray

NOMINAL_RMS: Final = 1980.0
"""Of the loudest frames, where 32768 is full scale: -24 dBFS."""

HOLD_MS: Final = 420
"""Nothing comes out before so much has come in. In it are 300 ms from before the speech."""

LOUDEST: Final = 5
"""So many frames are the level: 100 ms."""

_FRAME: Final = 160
_HOLD_FRAMES: Final = HOLD_MS * 8 // _FRAME
_TOLERANCE: Final = 1.5
"""A caller may be so many times as loud as expected before it is corrected: 3.5 dB."""
_TOLERANCE_KNOWN: Final = 2.0
"""One who spoke before."""
_TOLERANCE_SOFT: Final = 2.0
"""So many times as soft, at the start: a first sound may well be a soft one."""
_LEAST_GAIN: Final = 1 / 8
_MOST_GAIN: Final = 5.0

Samples = NDArray[np.float32]


class Levelling:
    """An utterance at a time: ``begin``, ``hear`` samples at 8 kHz in pieces of any size, ``finish`` for the rest."""

    def __init__(self) -> None:
        self.begin(None)

    def begin(self, expected_rms: float | None) -> None:
        """Start an utterance. ``expected_rms``: how loud this caller was before, if that is known."""
        self._is_known = expected_rms is not None
        self._reference = NOMINAL_RMS if expected_rms is None else expected_rms
        self._waiting: Samples = np.zeros(0, np.float32)
        self._is_held = True
        self._loudest: list[float] = []

    @property
    def loudness_rms(self) -> float:
        """Of the loudest frames so far; 0 if there was none."""
        return float(np.mean(self._loudest)) if self._loudest else 0.0

    def hear(self, samples: Samples) -> Samples:
        """Take in some more, give out what is ready."""
        self._waiting = np.concatenate((self._waiting, samples))
        frames = len(self._waiting) // _FRAME
        if self._is_held and frames < _HOLD_FRAMES:
            return self._waiting[:0]
        return self._levelled(frames)

    def finish(self) -> Samples:
        """Give out the rest."""
        ready = self._levelled(len(self._waiting) // _FRAME)
        rest = self._waiting * np.float32(self._gain)
        self._waiting = self._waiting[:0]
        return np.concatenate((ready, rest))

    def _levelled(self, frames: int) -> Samples:
        ready, self._waiting = self._waiting[: frames * _FRAME], self._waiting[frames * _FRAME :]
        powers = np.sqrt((ready.reshape(frames, _FRAME) ** 2).mean(axis=1))
        gains = np.empty(frames, np.float32)
        first = 0
        if self._is_held:
            first = min(frames, _HOLD_FRAMES)
            for power in powers[:first]:
                self._look(float(power))
            self._is_held = False
            self._judge(at_start=True)
            gains[:first] = self._gain
        for number in range(first, frames):
            self._look(float(powers[number]))
            self._judge(at_start=False)
            gains[number] = self._gain
        return (ready.reshape(frames, _FRAME) * gains[:, None]).reshape(-1)

    def _look(self, power: float) -> None:
        insort(self._loudest, power)
        del self._loudest[:-LOUDEST]

    def _judge(self, *, at_start: bool) -> None:
        loudness = self.loudness_rms
        tolerance = _TOLERANCE_KNOWN if self._is_known else _TOLERANCE
        if loudness > self._reference * tolerance:
            self._reference = loudness / tolerance**0.5
        elif at_start and not self._is_known and loudness * _TOLERANCE_SOFT < self._reference:
            self._reference = loudness * _TOLERANCE

    @property
    def _gain(self) -> float:
        return float(np.clip(NOMINAL_RMS / max(self._reference, 1.0), _LEAST_GAIN, _MOST_GAIN))
