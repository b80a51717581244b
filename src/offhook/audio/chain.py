"""What stands between two formats.

>>> print(join(PCMU_8K, PCM16_24K))
pcmu/8000 → decode → resample → pcm16/24000
>>> print(join(PCMU_8K, PCMU_8K))
pcmu/8000
"""

from offhook.audio.formats import AudioFormat
from offhook.audio.g711 import DECODERS, ENCODERS
from offhook.audio.resample import Resampler


class Chain:
    """One direction of one call, from the source's format to the sink's. Made by ``join``; prints as its path.

    Frames may have any size, and end anywhere: half a linear sample at the end of a frame waits for its other half
    at the start of the next, because servers cut their messages where they like. With a resampler in the path the
    first frames come out short or empty (see ``Resampler``).
    """

    def __init__(self, source: AudioFormat, sink: AudioFormat) -> None:
        self.source = source
        self.sink = sink
        self.is_passthrough = source == sink
        """Nothing is to do: the path to prefer, since it costs nothing and loses nothing."""
        self._decode = DECODERS.get(source.encoding)
        self._resampler = Resampler(source.rate_hz, sink.rate_hz) if source.rate_hz != sink.rate_hz else None
        self._encode = ENCODERS.get(sink.encoding)
        self._half_sample = b""

    def __str__(self) -> str:
        if self.is_passthrough:
            return str(self.source)
        steps = {"decode": self._decode, "resample": self._resampler, "encode": self._encode}
        return " → ".join([str(self.source), *(name for name, step in steps.items() if step), str(self.sink)])

    def convert(self, frame: bytes) -> bytes:
        """Take in a frame of the source's format, give out what is ready in the sink's.

        A pass-through gives back the very object it was given, wherever it was cut.
        """
        if self.is_passthrough:
            return frame
        linear = self._decode(frame) if self._decode else self._whole_samples(frame)
        if self._resampler:
            linear = self._resampler.convert(linear)
        return self._encode(linear) if self._encode else linear

    def flush(self) -> bytes:
        """At the end of the sound, give out what the resampler held back, and be as new.

        Half a sample that still waits is dropped: its other half will not come.
        """
        self._half_sample = b""
        linear = self._resampler.flush() if self._resampler else b""
        return self._encode(linear) if self._encode else linear

    def reset(self) -> None:
        """Forget all that was held back. After a barge-in, so that no rest of the cut reply begins the next one."""
        self._half_sample = b""
        if self._resampler:
            self._resampler.reset()

    def _whole_samples(self, frame: bytes) -> bytes:
        if self._half_sample:
            frame = self._half_sample + frame
            self._half_sample = b""
        if len(frame) & 1:
            self._half_sample = frame[-1:]
            return frame[:-1]
        return frame


def join(source: AudioFormat, sink: AudioFormat) -> Chain:
    """Return what turns the one into the other. AudioError if their rates differ and one is not 8, 16 or 24 kHz."""
    return Chain(source, sink)
