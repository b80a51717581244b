"""What the callers of a load test say: recorded speech, cut to sentences, encoded once and shared by all lines.

The one in the box, ``speech/callers.ulaw``, was spoken by our own voice (``speech/README.md``). A caller stops at the
last loud frame of a sentence, so that the time of the answer is counted from where any listener's pause begins.
"""

from binascii import b2a_base64
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import audioop
from offhook.audio.wav import read_wav
from offhook.errors import AudioError
from offhook.loadtest.twilio.frames import FRAME_BYTES

LOUD_RMS: Final = 328.0
"""Of 32768: −40 dBFS, where usual turn detection begins to hear speech."""

PAUSE_FRAMES: Final = 20
"""400 ms of quiet end a sentence: less than the usual 500 ms of turn detection, so none is answered half said."""

SHORTEST_FRAMES: Final = 10
"""200 ms: what is shorter is a click, and no turn."""

LONGEST_S: Final = 120
"""Of a recording; what follows is not read."""

SILENT_PAYLOAD: Final = b2a_base64(b"\xff" * FRAME_BYTES, newline=False)


@dataclass(frozen=True, slots=True)
class Recording:
    """Speech as frames of 20 ms in base64: ``frames`` is all of it, ``sentences`` the loud parts of it."""

    frames: tuple[bytes, ...]
    sentences: tuple[tuple[bytes, ...], ...]

    @classmethod
    def of(cls, pcmu: bytes) -> "Recording":
        """Cut µ-law. AudioError if nobody speaks in it."""
        pcmu = pcmu[: LONGEST_S * PCMU_8K.bytes_per_second]
        pcmu = pcmu[: len(pcmu) - len(pcmu) % FRAME_BYTES]
        cuts = [pcmu[at : at + FRAME_BYTES] for at in range(0, len(pcmu), FRAME_BYTES)]
        frames = tuple(b2a_base64(cut, newline=False) for cut in cuts)
        loud = [at for at, cut in enumerate(cuts) if audioop.rms(audioop.ulaw2lin(cut, 2), 2) >= LOUD_RMS]
        sentences = tuple(frames[first : last + 1] for first, last in _runs(loud))
        if not sentences:
            raise AudioError("nobody speaks in it: there is no loud sound of 200 ms or more")
        return cls(frames, sentences)

    @classmethod
    def read(cls, path: Path) -> "Recording":
        """A WAV file. OSError, AudioError if it cannot be read, or nobody speaks in it."""
        _, sound = read_wav(path, PCMU_8K)
        try:
            return cls.of(sound)
        except AudioError as error:
            raise AudioError(error.reason, source=str(path)) from None

    @classmethod
    def in_the_box(cls) -> "Recording":
        """The one that comes with Offhook: four sentences."""
        return cls.of((files("offhook.loadtest.load") / "speech" / "callers.ulaw").read_bytes())


def _runs(loud: list[int]) -> list[tuple[int, int]]:
    """First and last of each run of numbers without a pause in it, leaving out what is too short."""
    runs: list[tuple[int, int]] = []
    for at in loud:
        if runs and at - runs[-1][1] <= PAUSE_FRAMES:
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    return [(first, last) for first, last in runs if last - first + 1 >= SHORTEST_FRAMES]
