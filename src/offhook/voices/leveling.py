"""How loud speech is, and what brings it to the level of a telephone line. Pure.

Levels are of the sound while someone speaks (pauses left out), in dBFS as in ``audio.meter``. espeak's voices lie
between −9 and −30 dBFS; on a line, speech around −20 is loud enough, and leaves room for its peaks, which stand about
17 dB above it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from offhook.audio.formats import AudioFormat, Encoding
from offhook.audio.meter import FLOOR_DBFS, Meter

SPEECH_DBFS: Final = -20.0
"""Where every voice is brought."""

KNEE: Final = 0.5
"""Of full scale (−6 dBFS): peaks above it are bent."""

CEILING: Final = 0.89
"""Of full scale (−1 dBFS): no peak reaches it, so that filters behind this may overshoot a little."""

MAX_GAIN: Final = 8.0
"""18 dB; a voice that needs more is silent, or is no speech."""

_FRAME_MS = 20
_PAUSE_DB = 25.0


def speech_level_dbfs(sound: bytes, rate_hz: int) -> float:
    """The level of the speech in some PCM16: the mean power of its 20 ms frames within 25 dB of the loudest one."""
    size = AudioFormat(Encoding.PCM16, rate_hz).size_bytes(_FRAME_MS)
    meter = Meter()
    levels = np.array([meter.level_dbfs(sound[at : at + size]) for at in range(0, len(sound) - size + 1, size)])
    if not len(levels) or levels.max() <= FLOOR_DBFS:
        return FLOOR_DBFS
    speech = levels[levels >= levels.max() - _PAUSE_DB]
    return float(10 * np.log10(np.mean(10 ** (speech / 10))))


def gain_for(level_dbfs: float) -> float:
    """The factor that brings speech of a level to SPEECH_DBFS; at most MAX_GAIN."""
    return float(min(MAX_GAIN, 10 ** ((SPEECH_DBFS - level_dbfs) / 20)))


def bend_peaks(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bend what stands above KNEE so that it stays below CEILING; full scale is 1. What lies below is left alone.

    Each sample by itself: nothing is held back, and a loud piece does not make the next one quieter.
    """
    size = np.abs(sound)
    if not len(sound) or size.max() <= KNEE:
        return sound
    room = CEILING - KNEE
    bent = KNEE + room * np.tanh((size - KNEE) / room)
    return np.where(size > KNEE, np.copysign(bent, sound), sound).astype(np.float32)
