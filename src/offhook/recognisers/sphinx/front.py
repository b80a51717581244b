"""From the telephone to what the acoustic model was made for: levelled, quieter, at 16 kHz, over a soft noise floor.

The model was trained at 16 kHz. Sound from a telephone has nothing above 4 kHz, where the model's log spectrum would
fall into a hole, so a little noise is put there: it halves the word error rate. The same noise for every utterance,
so that the same sound always gives the same words.
"""

import numpy as np

from offhook.audio.g711 import require_whole_samples
from offhook.audio.resample import Resampler
from offhook.recognisers.sphinx.levelling import Levelling
from offhook.recognisers.sphinx.quieting import Quieting, Samples

FLOOR_RMS = 20
"""Of the noise that is added, where 32768 is full scale: -64 dBFS."""

_FLOOR = np.random.default_rng(0).normal(0, FLOOR_RMS, 16_000 * 8).astype(np.float32)
"""Eight seconds at 16 kHz, then again from its start."""


class Front:
    """One utterance at a time: ``begin``, ``hear`` PCM16 at 8 kHz, ``finish`` for the rest; PCM16 at 16 kHz comes out.

    About 400 ms are held back, most of them only at the start.
    """

    def __init__(self) -> None:
        self._levelling = Levelling()
        self._quieting = Quieting()
        self._resampler = Resampler(8000, 16000)
        self._at = 0

    @property
    def loudness_rms(self) -> float:
        """See ``Levelling``."""
        return self._levelling.loudness_rms

    def hear(self, pcm16_8k: bytes) -> bytes:
        """Take in whole samples, give out what is ready. AudioError if the last one is cut in half."""
        require_whole_samples(pcm16_8k)
        samples = np.frombuffer(pcm16_8k, np.int16).astype(np.float32)
        return self._floored(self._resampler.convert(_pcm16(self._quieting.hear(self._levelling.hear(samples)))))

    def finish(self) -> bytes:
        """Give out the rest."""
        last = np.concatenate((self._quieting.hear(self._levelling.finish()), self._quieting.finish()))
        return self._floored(self._resampler.convert(_pcm16(last)) + self._resampler.flush())

    def begin(self, loudness_rms: float | None = None) -> None:
        """Start anew. ``loudness_rms``: how loud this caller was before, if that is known."""
        self._levelling.begin(loudness_rms)
        self._quieting.reset()
        self._resampler.reset()
        self._at = 0

    def _floored(self, pcm16_16k: bytes) -> bytes:
        samples = np.frombuffer(pcm16_16k, np.int16).astype(np.float32)
        places = (self._at + np.arange(len(samples))) % len(_FLOOR)
        self._at = (self._at + len(samples)) % len(_FLOOR)
        return _pcm16(samples + _FLOOR[places])


def _pcm16(samples: Samples) -> bytes:
    return np.clip(samples, -32768, 32767).astype(np.int16).tobytes()
