"""The caller's mouth: sound waiting to be spoken, 20 ms at a time."""

from typing import Final

from offhook.loadtest.twilio.frames import FRAME_BYTES
from offhook.loadtest.twilio.track import SAMPLES_PER_S, SILENCE

SILENT_FRAME: Final = SILENCE * FRAME_BYTES

QUEUE_LIMIT_S: Final = 3600
"""Most sound that waits to be spoken."""


class Voice:
    """Sound in the order it was given, without gaps."""

    __slots__ = ("_sound",)

    def __init__(self) -> None:
        self._sound = bytearray()

    @property
    def silent(self) -> bool:
        """True if nothing waits."""
        return not self._sound

    def say(self, sound: bytes) -> None:
        """Add µ-law. ValueError above the limit."""
        if len(self._sound) + len(sound) > QUEUE_LIMIT_S * SAMPLES_PER_S:
            raise ValueError(f"more than {QUEUE_LIMIT_S} s wait to be spoken")
        self._sound += sound

    def hush(self) -> None:
        """Swallow what has not been spoken."""
        self._sound.clear()

    def next_frame(self) -> bytes:
        """The next 20 ms, the last of them filled up with silence; empty if there is nothing to say."""
        if not self._sound:
            return b""
        frame = bytes(self._sound[:FRAME_BYTES])
        del self._sound[:FRAME_BYTES]
        return frame if len(frame) == FRAME_BYTES else frame.ljust(FRAME_BYTES, SILENCE)
