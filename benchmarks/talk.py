"""What callers say, and how they listen: the two patterns of a run."""

import random
from binascii import b2a_base64
from enum import StrEnum
from functools import cache
from typing import Final

from offhook.audio.g711 import pcm16_to_pcmu
from offhook.loadtest.figures.lateness import Lateness, LatenessSink

FRAME_MS: Final = 20
FRAME_BYTES: Final = 160
CYCLE_FRAMES: Final = 200
"""Four seconds; in the light pattern that is a turn."""

LOUD_FRAMES: Final = 40
"""Of them the caller speaks; half a second later the turn is over, and the reply begins."""

REPLY_FRAMES: Final = 75
"""1.5 s: what is said in reply in each cycle of the light pattern."""

GAP_S: Final = 0.4
"""A pause between two replies is longer. In the light pattern only: in the other there is none."""

WHOLE_MS: Final = 1400.0
"""A reply of which so much was heard is over: systems that cut sound anew may lose a little of its end."""

SLACK_S: Final = 0.2
"""A reply may begin that much later than the schedule says: systems hear the end of a turn in steps of their own."""


class Pattern(StrEnum):
    """Callers always stream. What differs is when there is sound of the reply."""

    LIGHT = "light"
    """1.5 of every 4 seconds, each in answer to a turn of the caller."""
    FULL = "full"
    """All the time."""

    @property
    def reply_share(self) -> float:
        """How much of the time there is sound of the reply."""
        return REPLY_FRAMES / CYCLE_FRAMES if self is Pattern.LIGHT else 1.0


@cache
def frames(pattern: Pattern) -> tuple[bytes, ...]:
    """Four seconds of a caller, to be repeated: 20 ms each, µ-law in base64.

    Soft noise, about -50 dBFS, which nobody takes for speech; in the light pattern it begins with loud noise.
    """
    chance = random.Random(7)
    loud = LOUD_FRAMES if pattern is Pattern.LIGHT else 0
    return tuple(
        b2a_base64(_noise(chance, 5000 if number < loud else 80), newline=False) for number in range(CYCLE_FRAMES)
    )


def _noise(chance: random.Random, level: float) -> bytes:
    samples = (max(-32768, min(32767, round(chance.gauss(0, level)))) for _ in range(FRAME_BYTES))
    return pcm16_to_pcmu(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))


class Caller:
    """Speaks and listens in place of a handset: a ``Talker`` of the stand-in.

    A pause alone makes no new reply. In the full pattern there is one stream to the end. In the light one a reply
    begins after a pause if the one before was whole, or if the caller's own turn has ended since its last sound; it
    then has a clock of its own, and what it begins later than one cycle after the one before is lateness, too.
    """

    def __init__(self, pattern: Pattern, number: int, sink: LatenessSink) -> None:
        self._frames = frames(pattern)
        self._place = number * 67 % CYCLE_FRAMES  # so that callers do not speak in chorus
        self._takes_turns = pattern is Pattern.LIGHT
        self._sink = sink
        self._lateness = Lateness(sink)
        self._last_at = 0.0
        self._began_at = 0.0
        self._reply_ms = 0.0
        self._replies = 0
        self._turn_ended = False
        self.heard_ms = 0.0

    def next_payload(self, at: float) -> bytes:
        """The next 20 ms."""
        payload = self._frames[self._place]
        self._place += 1
        if self._place == LOUD_FRAMES:
            self._turn_ended = True
        elif self._place == CYCLE_FRAMES:
            self._place = 0
        return payload

    def hears(self, size_bytes: int, now: float) -> None:
        """Sound came."""
        if self._takes_turns:
            if not self._replies or (
                now - self._last_at > GAP_S and (self._replies == 1 or self._turn_ended or self._reply_ms >= WHOLE_MS)
            ):
                self._begin_reply(now)
            self._turn_ended = False
        self._last_at = now
        duration_ms = size_bytes / 8
        self._reply_ms += duration_ms
        self.heard_ms += duration_ms
        self._lateness.arrived(duration_ms, now)

    def _begin_reply(self, now: float) -> None:
        # The first is the greeting: it may be cut short, and its time has nothing to do with the cycle.
        if self._replies > 1:
            if self._reply_ms < WHOLE_MS:
                self._sink.missing_ms += REPLY_FRAMES * FRAME_MS - self._reply_ms
            excess_s = now - self._began_at - CYCLE_FRAMES * FRAME_MS / 1000
            if excess_s > SLACK_S:
                self._sink.lateness.add(excess_s * 1000)
        self._lateness = Lateness(self._sink)
        self._replies += 1
        self._began_at = now
        self._reply_ms = 0.0
