"""Synthetic callers: speech of Debian's ``flite`` and ``espeak-ng``, and a telephone line for it to go through.

For ``make_channel`` and the benchmark of recognition; nothing that serves calls wants it.
"""

import subprocess
import tempfile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from offhook.audio.formats import PCM16_16K
from offhook.audio.g711 import pcm16_to_pcmu, pcmu_to_pcm16
from offhook.audio.resample import resample
from offhook.audio.wav import parse_wav

PEAK: Final = 9000
"""Of each sentence, where 32768 is full scale."""

LEAD_SAMPLES: Final = 2000
TRAIL_SAMPLES: Final = 1200
"""Silence around a sentence at 8 kHz: 250 and 150 ms, about what an ear hands over."""

Samples = NDArray[np.float64]


def say(text: str, voice: str) -> Samples:
    """A sentence at 16 kHz, without silence around it. A voice with a dash is espeak's ("en-us+klatt4", "de-de").

    OSError if the program is not installed, CalledProcessError if it does not know the voice.
    """
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        espeak = ["espeak-ng", "-v", voice, "-s", "155", "-w", file.name, text]
        flite = ["flite", "-voice", voice, "-t", text, "-o", file.name]
        subprocess.run(espeak if "-" in voice else flite, check=True)
        speech = np.frombuffer(parse_wav(file.read(), PCM16_16K)[1], np.int16).astype(float)
    loud: Samples = speech * (PEAK / np.abs(speech).max())
    return loud


def telephone(
    speech: Samples, chance: np.random.Generator, *, gain_db: float = 0.0, snr_db: float | None = None
) -> bytes:
    """Speech at 16 kHz as a caller's: 250 to 3600 Hz, louder or softer, white noise, µ-law. PCM16 at 8 kHz.

    ``snr_db`` compares the noise, which is also in the silence around it, with the whole sentence.
    """
    narrow = np.frombuffer(resample(to_pcm16(speech), 16000, 8000), np.int16).astype(float)
    hertz = np.fft.rfftfreq(len(narrow), 1 / 8000)
    band = 1 / (1 + (250 / np.maximum(hertz, 1)) ** 8) / (1 + (hertz / 3600) ** 24)
    narrow = np.fft.irfft(np.fft.rfft(narrow) * band, len(narrow)) * 10 ** (gain_db / 20)
    sound: Samples = np.pad(narrow, (LEAD_SAMPLES, TRAIL_SAMPLES))
    sound = sound + chance.normal(0, 3, len(sound))
    if snr_db is not None:
        sound += chance.normal(0, float(np.sqrt((narrow**2).mean())) * 10 ** (-snr_db / 20), len(sound))
    return pcmu_to_pcm16(pcm16_to_pcmu(to_pcm16(sound)))


def to_pcm16(samples: Samples) -> bytes:
    """What is beyond full scale is cut off."""
    return np.clip(samples, -32768, 32767).astype(np.int16).tobytes()
