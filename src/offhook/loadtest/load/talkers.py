"""The callers: who speaks when, and what they notice. On the sound path: called for every frame of every call."""

import time
from collections.abc import Callable
from enum import Enum, auto
from math import inf
from typing import Final

from offhook.loadtest.far_end.load_script import REPLY_MS
from offhook.loadtest.figures.lateness import MISSING_MS, Lateness, Share
from offhook.loadtest.load.plan import Pattern
from offhook.loadtest.load.recording import SILENT_PAYLOAD, Recording
from offhook.loadtest.load.tally import Tally
from offhook.loadtest.twilio.frames import FRAME_BYTES

BYTES_PER_S: Final = 8000
FRAME_MS: Final = FRAME_BYTES * 1000 / BYTES_PER_S

GREETING_S: Final = 3.0
"""A caller who hears nothing for so long after the call was answered speaks first."""

MANNERS_S: Final = 0.2
"""A caller waits for so long a pause before speaking."""

PATIENCE_S: Final = 10.0
"""An answer that has not begun after so long is missing; the caller tries again."""

FIRST_SOUND_S: Final = {True: GREETING_S, False: 15.0}
"""Whoever holds for so long should have heard something: of our own far end, which greets; and of one that may wait
until the caller has spoken first, which takes GREETING_S, a sentence, and PATIENCE_S."""

Clock = Callable[[], float]


class State(Enum):
    """What a caller is doing."""

    LISTENING = auto()
    """And will speak when it has been quiet for a moment."""
    SPEAKING = auto()
    AWAITING = auto()
    """The answer."""


class _Ear:
    """What any caller notices of what is played. ``paced``: it comes at real pace, so that it can be late."""

    def __init__(self, tally: Tally, clock: Clock, *, paced: bool) -> None:
        self._tally = tally
        self._clock = clock
        self._paced = paced
        self._rang_at = clock()
        self._has_heard = False
        self._plays_until = 0.0
        self._share = Share(tally)
        self._lateness = Lateness(self._share)
        self._sending = tally.sending.add

    def ended(self, held_s: float) -> None:
        """The call is over; its stream was open for so long."""
        tally = self._tally
        if held_s >= FIRST_SOUND_S[self._paced]:
            tally.due += 1
            tally.unheard += not self._has_heard
        if self._paced and (gone_ms := self._share.missing_ms + self._missed_ms(self._clock())) > 0:
            tally.lost.add(gone_ms)

    def _missed_ms(self, now: float) -> float:
        """What is known to be missing only because the call is over."""
        return 0.0

    def _take(self, size_bytes: int, now: float) -> None:
        tally = self._tally
        duration_s = size_bytes / BYTES_PER_S
        tally.received_ms += duration_s * 1000
        if not self._has_heard:
            self._has_heard = True
            tally.first_sound.add((now - self._rang_at) * 1000)
        if self._paced:
            self._lateness.arrived(duration_s * 1000, now)
        self._plays_until = (now if now > self._plays_until else self._plays_until) + duration_s


class TurnTaker(_Ear):
    """Says a sentence, waits for the answer, hears it out, says the next.

    Only what comes first after a turn of the caller is a new reply, with a time of its own; a pause alone makes none.
    A scripted reply that broke off, so that the caller spoke into it, is missing sound.
    """

    def __init__(
        self, recording: Recording, tally: Tally, number: int, *, paced: bool, clock: Clock = time.monotonic
    ) -> None:
        super().__init__(tally, clock, paced=paced)
        self.state = State.LISTENING
        self._sentences = recording.sentences
        self._number = number
        self._sentence: tuple[bytes, ...] = ()
        self._place = 0
        self._speaks_at = inf
        self._stopped_at = 0.0
        self._reply_ms = 0.0

    def next_payload(self, at: float) -> bytes:
        """Called by the line, every 20 ms."""
        now = self._clock()
        self._sending((now - at) * 1000)
        self._tally.sent_ms += FRAME_MS
        state = self.state
        if state is State.SPEAKING:
            payload = self._sentence[self._place]
            self._place += 1
            if self._place == len(self._sentence):
                self.state, self._stopped_at = State.AWAITING, now
            return payload
        if state is State.LISTENING:
            if self._speaks_at == inf:
                self._speaks_at = now + GREETING_S
            elif now >= self._speaks_at:
                self._speak()
        elif now - self._stopped_at > PATIENCE_S:
            self._tally.silences += 1
            self._tally.error("silence where an answer was due")
            self._speak()
        return SILENT_PAYLOAD

    def hears(self, size_bytes: int, now: float) -> None:
        """Called by the line."""
        if self.state is State.AWAITING:
            self._tally.turns += 1
            self._tally.response.add((now - self._stopped_at) * 1000)
            self._begin_reply(now)
            self.state = State.LISTENING
        self._reply_ms += size_bytes * 1000 / BYTES_PER_S
        self._take(size_bytes, now)
        self._speaks_at = self._plays_until + MANNERS_S

    def _begin_reply(self, now: float) -> None:
        if self._paced:
            self._share.missing_ms += self._missed_ms(now)
        self._reply_ms = 0.0
        self._lateness = Lateness(self._share)

    def _missed_ms(self, now: float) -> float:
        if self.state is State.LISTENING or not self._reply_ms:
            return 0.0
        short_ms = REPLY_MS - self._reply_ms
        return short_ms if short_ms > MISSING_MS else 0.0

    def _speak(self) -> None:
        self._sentence = self._sentences[self._number % len(self._sentences)]
        self._number += 1
        self._place = 0
        self.state = State.SPEAKING


class NonStop(_Ear):
    """Speaks all the time, and expects the same: one stream, in which no pause is right."""

    def __init__(
        self, recording: Recording, tally: Tally, number: int, *, paced: bool, clock: Clock = time.monotonic
    ) -> None:
        super().__init__(tally, clock, paced=paced)
        self._frames = recording.frames
        self._place = number * 37 % len(self._frames)  # so that not all say the same at once
        self._complains_at = inf

    def next_payload(self, at: float) -> bytes:
        """Called by the line, every 20 ms."""
        now = self._clock()
        self._sending((now - at) * 1000)
        self._tally.sent_ms += FRAME_MS
        if now > self._complains_at:
            self._complains_at = now + PATIENCE_S
            self._tally.silences += 1
            self._tally.error("silence where sound was due")
        elif self._complains_at == inf:
            self._complains_at = now + PATIENCE_S
        self._place += 1
        if self._place >= len(self._frames):
            self._place = 0
        return self._frames[self._place]

    def hears(self, size_bytes: int, now: float) -> None:
        """Called by the line."""
        self._take(size_bytes, now)
        self._complains_at = now + PATIENCE_S

    def _missed_ms(self, now: float) -> float:
        quiet_ms = (now - self._plays_until) * 1000
        return quiet_ms if self._has_heard and quiet_ms > MISSING_MS else 0.0


Caller = TurnTaker | NonStop

CALLERS: Final[dict[Pattern, type[TurnTaker] | type[NonStop]]] = {
    Pattern.TALK: TurnTaker,
    Pattern.ALL_THE_TIME: NonStop,
}
