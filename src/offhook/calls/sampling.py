"""How long a conversion takes, measured on a sample of the frames."""

from time import perf_counter
from typing import Final

from offhook.audio.chain import Chain
from offhook.telemetry.measures import Measures

SAMPLED_EVERY: Final = 25
"""Of so many frames, one is measured: two a second of each caller."""


def timed(chain: Chain, frame: bytes, measures: Measures) -> bytes:
    """Convert one frame of the sample."""
    began = perf_counter()
    converted = chain.convert(frame)
    measures.conversion_s.add(perf_counter() - began)
    return converted
