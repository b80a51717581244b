"""Sound to recognise a reply by: µ-law at 8 kHz, in and out.

Reply number n chimes n semitones above the first, so that whoever hears a piece of it can tell which one it was.
"""

from functools import lru_cache
from math import log2

import numpy as np

from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import pcm16_to_pcmu, pcmu_to_pcm16

LOWEST_HZ = 400.0
PITCHES = 28
"""So many semitones fit: from 400 Hz to 1.9 kHz, the fifth above still below the telephone's 3.4 kHz."""

STROKE_MS = 500
_LEVEL = 0.45  # of full scale
_FIFTH_LEVEL = 0.3  # of the tone's own level, so that the tone stays the dominant one
_QUIET_RMS = 30  # of 32768, about −60 dBFS


def chime_hz(number: int) -> float:
    """The pitch of reply number ``number``; after PITCHES numbers it begins again."""
    return float(LOWEST_HZ * 2.0 ** ((number % PITCHES) / 12))


def chime_number(frequency_hz: float) -> int:
    """Which number chimes nearest to ``frequency_hz``: the inverse of ``chime_hz``, up to PITCHES."""
    return round(12 * log2(frequency_hz / LOWEST_HZ))


def tone(frequency_hz: float, duration_ms: int) -> bytes:
    """A steady sine: µ-law, 8 bytes a millisecond, about −10 dBFS."""
    seconds = _seconds(duration_ms)
    return _encoded(_LEVEL * np.sin(2 * np.pi * frequency_hz * seconds))


@lru_cache(maxsize=128)
def chime(frequency_hz: float, duration_ms: int) -> bytes:
    """A bell of two tones, struck every STROKE_MS: ``frequency_hz``, dominant at any moment, and the fifth above."""
    seconds = _seconds(duration_ms)
    bell = np.sin(2 * np.pi * frequency_hz * seconds) + _FIFTH_LEVEL * np.sin(3 * np.pi * frequency_hz * seconds)
    since_stroke = seconds % (STROKE_MS / 1000)
    attack = np.minimum(1.0, since_stroke / 0.01)
    return _encoded(_LEVEL / (1 + _FIFTH_LEVEL) * bell * attack * np.exp(-3 * since_stroke))


def dominant_hz(sound: bytes) -> float:
    """The frequency that carries most energy in a piece of µ-law, to about 1 %; 0 if it is (nearly) silent.

    50 ms are enough to tell one semitone from the next.
    """
    samples = np.frombuffer(pcmu_to_pcm16(sound), dtype="<i2").astype(np.float64)
    if not samples.size or np.sqrt(np.mean(samples**2)) < _QUIET_RMS:
        return 0.0
    size = max(8192, 1 << (samples.size - 1).bit_length())
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size), size))
    return float(np.argmax(spectrum[1:]) + 1) * PCMU_8K.rate_hz / size


def _seconds(duration_ms: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.arange(PCMU_8K.size_bytes(duration_ms), dtype=np.float64) / PCMU_8K.rate_hz


def _encoded(wave: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bytes:
    return pcm16_to_pcmu((wave * 32767).astype("<i2").tobytes())
