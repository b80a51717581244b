"""How loud a frame is.

Levels are root mean square in dBFS, where 0 is a square wave that fills the 16 bits (32768). A sine that fills them
is −3.0; a G.711 test tone at 0 dBm0 is −6.2 (ITU-T G.711, tables 5 and 6, and note 3: overload is at +3.17 dBm0 in
µ-law, +3.14 in A-law). Speech on a good line lies around −20 to −30.
"""

from math import log10

from offhook.audio.formats import Encoding
from offhook.audio.g711 import DECODERS, audioop, require_whole_samples

FLOOR_DBFS = -96.0
"""The lowest level that is ever told, also for digital silence and for no samples at all."""

_FULL_SCALE = 32768


class Meter:
    """Reads frames of one encoding; remembers nothing from one to the next.

    20 ms take 0.5 µs in PCM16 at 8 kHz and 0.7 µs in G.711, which is decoded first: that is the cheap part.
    """

    def __init__(self, encoding: Encoding = Encoding.PCM16) -> None:
        self._decode = DECODERS.get(encoding)

    def level_dbfs(self, frame: bytes) -> float:
        """The level of one frame, from FLOOR_DBFS to 0. AudioError if a linear sample is cut in half."""
        if self._decode is not None:
            frame = self._decode(frame)
        require_whole_samples(frame)
        rms = audioop.rms(frame, 2)
        return max(FLOOR_DBFS, 20 * log10(rms / _FULL_SCALE)) if rms else FLOOR_DBFS
