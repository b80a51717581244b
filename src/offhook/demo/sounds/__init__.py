"""The lines of the demo as recordings: µ-law at 8 kHz, one file each.

The voices are synthetic: ``slt`` (the agent) and ``rms`` (the caller) of Flite, by Carnegie Mellon University. They
speak at about −20 dBFS in the band of a telephone. ``make_sounds`` makes the files again.
"""

from importlib.resources import files

from offhook.audio.formats import PCMU_8K
from offhook.audio.wav import parse_wav


def load_sound(name: str) -> bytes:
    """Return a line in µ-law. FileNotFoundError if there is no such recording."""
    return parse_wav(files(__name__).joinpath(f"{name}.wav").read_bytes(), PCMU_8K)[1]
