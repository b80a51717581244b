"""What a run of audio bytes is: an encoding at a rate, always mono.

Frames of G.711 are 1 byte a sample at 8 kHz (ITU-T G.711); linear frames are signed 16-bit little-endian.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Encoding(StrEnum):
    """How one sample is written."""

    PCMU = "pcmu"
    """G.711 µ-law, 1 byte."""
    PCMA = "pcma"
    """G.711 A-law, 1 byte."""
    PCM16 = "pcm16"
    """Signed 16-bit little-endian, 2 bytes."""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """An encoding at a rate. Prints as ``pcmu/8000``."""

    encoding: Encoding
    rate_hz: int
    bytes_per_sample: int = field(init=False, repr=False, compare=False)
    """1 for G.711, 2 for linear."""
    bytes_per_second: int = field(init=False, repr=False, compare=False)
    """Of one second of sound. Both are worked out once: the media path asks for them with each frame."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bytes_per_sample", 2 if self.encoding is Encoding.PCM16 else 1)
        object.__setattr__(self, "bytes_per_second", self.rate_hz * self.bytes_per_sample)
        if self.encoding is not Encoding.PCM16 and self.rate_hz != 8000:
            raise ValueError(f"{self.encoding} is 8000 Hz by definition (ITU-T G.711), not {self.rate_hz}")

    def __str__(self) -> str:
        return f"{self.encoding}/{self.rate_hz}"

    def duration_ms(self, size_bytes: int) -> float:
        """How long ``size_bytes`` of this format last, in milliseconds."""
        return size_bytes * 1000 / self.bytes_per_second

    def size_bytes(self, duration_ms: float) -> int:
        """Bytes in ``duration_ms``, rounded down to whole samples."""
        return int(self.rate_hz * duration_ms / 1000) * self.bytes_per_sample

    def silence(self, duration_ms: float) -> bytes:
        """Digital silence of that length."""
        quiet = {Encoding.PCMU: b"\xff", Encoding.PCMA: b"\xd5", Encoding.PCM16: b"\x00"}[self.encoding]
        return quiet * self.size_bytes(duration_ms)


PCMU_8K = AudioFormat(Encoding.PCMU, 8000)
PCMA_8K = AudioFormat(Encoding.PCMA, 8000)
PCM16_8K = AudioFormat(Encoding.PCM16, 8000)
PCM16_16K = AudioFormat(Encoding.PCM16, 16000)
PCM16_24K = AudioFormat(Encoding.PCM16, 24000)
