"""Linear sound from one rate to another.

``Resampler`` is for calls: frame after frame, any size, between 8, 16 and 24 kHz. ``resample`` is for files: all of
it at once, any rates.

Why the variable-rate engine of soxr, at a rate that never varies: its other engine filters long blocks by FFT, so
sound waits until a block is full, and comes out in bursts. Frames of 20 ms between all pairs of rates, one core of a
2.1 GHz Xeon, soxr 1.1 (1.0 has no such engine):

=================  =============  ================  =================  ======================
engine, quality    held back ms   CPU µs per frame  alias or image dB  level of 3.4 kHz
                                                                       between 8 and 24 kHz
=================  =============  ================  =================  ======================
fixed rate, QQ     0.1 to 0.3     5 to 10           0 to −12           −4 dB: it has no filter
fixed rate, LQ     20 to 61       4 to 10           ≤ −94              −8 dB: dull
fixed rate, MQ     38 to 118      4 to 11           ≤ −96              0 dB
fixed rate, HQ     37 to 115      5 to 11           ≤ −95              0 dB
**variable rate**  **10 to 30**   **11 to 26**      **≤ −96**          **0 dB**
=================  =============  ================  =================  ======================

The variable-rate engine ignores the quality, and takes about 30 KB a stream. Path by path it is:

=============  ============  ================
path           held back ms  CPU µs per frame
=============  ============  ================
8 → 16 kHz     30            12
8 → 24 kHz     30            15
16 → 8 kHz     15            11
16 → 24 kHz    15            19
24 → 8 kHz     25            26
24 → 16 kHz    10            18
=============  ============  ================
"""

import numpy as np
import soxr

from offhook.audio.g711 import require_whole_samples
from offhook.errors import AudioError

RATES_HZ = (8000, 16000, 24000)
"""What a Resampler goes between: telephone lines, recognisers, and realtime engines."""


class Resampler:
    """One direction of one call, from one rate to another: it remembers the end of the last frame.

    The first frames come out short or empty, because the filter has to see what follows a sample before it can give
    it out. The figures above say how much is held back; from then on frames of equal length give frames of equal
    length. What comes out is in time with what went in, nothing is put before it, and ``flush`` gives what is missing.

    soxr adds dither of ±1 to every sample, also to silence. On a µ-law line that is a hiss at −81 dBFS.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        if from_hz not in RATES_HZ or to_hz not in RATES_HZ or from_hz == to_hz:
            known = ", ".join(map(str, RATES_HZ))
            raise AudioError(f"cannot resample {from_hz} Hz to {to_hz} Hz: give two different rates of {known}")
        self.from_hz = from_hz
        self.to_hz = to_hz
        self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="int16", vr=True)

    def convert(self, frame: bytes) -> bytes:
        """Take in PCM16 at ``from_hz``, give out what is ready at ``to_hz``. AudioError if a sample is cut in half."""
        return self._step(frame, last=False)

    def flush(self) -> bytes:
        """Give out what was held back, as if silence followed, and be as new.

        All that came out is then as long as all that went in, to a sample.
        """
        rest = self._step(b"", last=True)
        self._stream.clear()
        return rest

    def reset(self) -> None:
        """Forget what was held back, and be as new. Takes about 1 µs."""
        self._stream.clear()

    def _step(self, frame: bytes, last: bool) -> bytes:
        require_whole_samples(frame)
        ready: bytes = self._stream.resample_chunk(np.frombuffer(frame, np.int16), last).tobytes()
        return ready


def resample(sound: bytes, from_hz: int, to_hz: int) -> bytes:
    """All of some PCM16 at another rate; the same object if the rate is the same.

    For files, not for calls: 10 s take about 2 ms. AudioError if the last sample is cut in half.
    """
    require_whole_samples(sound)
    if from_hz == to_hz:
        return sound
    whole: bytes = soxr.resample(np.frombuffer(sound, np.int16), from_hz, to_hz, quality="HQ").tobytes()
    return whole
