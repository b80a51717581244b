"""The way up: the caller's sound from the leg to the engine session, and where it waits while the session cannot take
it."""

from collections.abc import Callable

from offhook.audio.chain import Chain
from offhook.audio.formats import AudioFormat
from offhook.calls import events
from offhook.calls.backlog import Backlog
from offhook.calls.engine import EngineSession
from offhook.calls.sampling import SAMPLED_EVERY, timed
from offhook.telemetry.measures import Measures


class Uplink:
    """Of one call, whatever legs and sessions it has. The bridge says which are on."""

    __slots__ = (
        "_backlog",
        "_dropped_before_ms",
        "_dropped_told_ms",
        "_frames",
        "_measures",
        "_queue_ms",
        "_tell",
        "_waits",
        "chain",
        "session",
    )

    def __init__(self, *, queue_ms: int, measures: Measures, tell: Callable[[events.SoundDropped], None]) -> None:
        self.session: EngineSession | None = None
        """The one that is on."""
        self.chain: Chain | None = None
        """From the leg's format to what the session hears; None until both were there once."""
        self._queue_ms = queue_ms
        self._measures = measures
        self._tell = tell
        self._backlog: Backlog | None = None
        self._waits = False
        """Something lies in the backlog. Kept here, because asking the backlog is a call for each frame."""
        self._frames = 0
        self._dropped_before_ms = 0.0
        self._dropped_told_ms = 0.0

    def leg_came(self, audio: AudioFormat) -> None:
        """Another leg speaks from now on. What waits of the one before is dropped; what it lost stays counted."""
        self._dropped_before_ms = self.dropped_ms
        self._backlog = Backlog(audio, self._queue_ms)
        self._waits = False

    def spoke(self, frame: bytes) -> None:
        """Sound of the caller. On the media path."""
        session, chain = self.session, self.chain
        if session is not None and session.can_hear and not self._waits and chain is not None:
            self._frames += 1
            sampled = self._frames % SAMPLED_EVERY == 1
            session.hear(timed(chain, frame, self._measures) if sampled else chain.convert(frame))
        elif self._backlog is not None:
            self._measures.caller_sound_dropped_ms += self._backlog.add(frame)
            self._waits = bool(self._backlog)

    def drain(self) -> None:
        """The session takes sound: give it what waits, and say what was dropped meanwhile."""
        session, backlog, chain = self.session, self._backlog, self.chain
        if session is None or backlog is None or chain is None:
            return
        try:
            for frame in backlog.drain():
                session.hear(chain.convert(frame))
                if not session.can_hear:
                    break
        finally:
            self._waits = bool(backlog)
        if self.dropped_ms > self._dropped_told_ms:
            self._dropped_told_ms = self.dropped_ms
            self._tell(events.SoundDropped(round(self.dropped_ms)))

    @property
    def dropped_ms(self) -> float:
        """How much sound the engine did not take in time, on all legs."""
        return self._dropped_before_ms + (self._backlog.dropped_ms if self._backlog is not None else 0.0)

    @property
    def waiting_ms(self) -> float:
        """How much sound waits for the engine, here and in its session."""
        waiting_ms = self._backlog.waiting_ms if self._backlog is not None else 0.0
        return waiting_ms + (self.session.waiting_ms if self.session is not None else 0.0)
