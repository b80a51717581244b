"""How the sound of one media stream comes: how late its frames are, and how far it runs ahead of real time.

A stream says of each frame when its sound began, in milliseconds since the stream began. Told the time, in seconds.
"""

from math import inf
from typing import Final

AHEAD_LIMIT_S: Final = 10.0
"""A caller speaks in real time. After a break in the network what had piled up comes at once; more sound than this
beyond the time that has passed is no telephone's."""

MESSAGES_PER_S: Final = 100
MESSAGES_AHEAD_LIMIT: Final = 5000
"""Twilio sends 50 frames a second, and an answer to each mark: 5 a second, or all that are pending at once when its
queue is dropped. More messages than so many a second, and so many besides, are a flood."""

DRIFT: Final = 1e-4
"""The carrier's clock and ours part by up to so many seconds a second (two quartzes, 50 ppm each)."""


class StreamPace:
    """The pace of one stream."""

    __slots__ = ("_began_s", "_earliest_s", "_looked_s")

    def __init__(self, now: float) -> None:
        self._began_s = now
        self._looked_s = now
        self._earliest_s = inf

    def lateness_s(self, timestamp_ms: int, now: float) -> float:
        """How much later this frame came than the earliest of its stream lead to expect.

        The earliest is let creep by as much as clocks drift, so that an hour's drift is not taken for lateness.
        """
        delay_s = now - timestamp_ms / 1000
        self._earliest_s = min(delay_s, self._earliest_s + (now - self._looked_s) * DRIFT)
        self._looked_s = now
        return delay_s - self._earliest_s

    def excess(self, sound_s: float, messages: int, now: float) -> str | None:
        """What is wrong with so much sound in so many messages by now; None: nothing."""
        lasted_s = now - self._began_s
        if sound_s > lasted_s + AHEAD_LIMIT_S:
            return f"{sound_s:.1f} s of sound in {lasted_s:.1f} s: {sound_s / max(lasted_s, 0.1):.1f} times real time"
        if messages > lasted_s * MESSAGES_PER_S + MESSAGES_AHEAD_LIMIT:
            return f"{messages} messages in {lasted_s:.1f} s"
        return None
