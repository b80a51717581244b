"""One side of a call as it sounded, on the call's own time line."""

from typing import Final

SAMPLES_PER_S: Final = 8000
"""One byte of µ-law each (ITU-T G.711)."""

SILENCE: Final = b"\xff"
"""µ-law zero."""


class Track:
    """Sound at places: what was put nowhere is silence.

    Places are samples since the call was answered. Sound comes in order of time; what would lie over sound that is
    there already is moved behind it. What lies behind ``limit_s`` is not kept, and with a limit of 0 nothing is.
    """

    __slots__ = ("_limit", "_pieces")

    def __init__(self, limit_s: float) -> None:
        self._limit = int(limit_s * SAMPLES_PER_S)
        self._pieces: list[tuple[int, bytearray]] = []

    @property
    def end(self) -> int:
        """The place behind the last sound."""
        if not self._pieces:
            return 0
        start, sound = self._pieces[-1]
        return start + len(sound)

    def put(self, at: int, sound: bytes) -> None:
        """Add µ-law at a place."""
        at = max(at, self.end)
        sound = sound[: max(0, self._limit - at)]
        if not sound:
            return
        if self._pieces and at == self.end:
            self._pieces[-1][1].extend(sound)
        else:
            self._pieces.append((at, bytearray(sound)))

    def cut(self, at: int) -> None:
        """Forget everything from a place on."""
        while self._pieces and self._pieces[-1][0] >= at:
            self._pieces.pop()
        if self._pieces:
            start, sound = self._pieces[-1]
            del sound[at - start :]

    def render(self, samples: int) -> bytes:
        """The first ``samples`` as µ-law, silence where nothing is."""
        out = bytearray()
        for start, sound in self._pieces:
            if start >= samples:
                break
            out += SILENCE * (start - len(out))
            out += sound[: samples - start]
        return bytes(out.ljust(samples, SILENCE))
