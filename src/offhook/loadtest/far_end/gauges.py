"""What the far end of a load test sees, of all sessions together."""

import time
from typing import Any, Final

from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.figures.lateness import Lateness, Share

REPLY_TIME_ERROR: Final = 0.001
"""Reply times are subtracted from the callers', so they have to be fine: half a second to 0.5 ms."""


class Gauges:
    """One for a server. Distributions are in milliseconds."""

    def __init__(self) -> None:
        self.sessions = 0
        """Opened so far."""
        self.live = 0
        self.turns = 0
        """Turns of callers that were answered."""
        self.complaints = 0
        """Errors that clients were told of, and frames that were none."""
        self.received_ms = 0.0
        self.sent_ms = 0.0
        self.missing_ms = 0.0
        """Steps in what callers' sound was late, as ``Lateness`` counts them."""
        self.heard = 0
        """Sessions that any sound of a caller came to."""
        self.lost = Distribution()
        """``missing_ms`` of each session that missed some, told when it is over."""
        self.open: set[SessionGauge] = set()
        self.lateness = Distribution()
        """Of the callers' sound."""
        self.sending = Distribution()
        """How late this server itself was in sending."""
        self.reply_time = Distribution(REPLY_TIME_ERROR)
        """From the last loud sound of a turn to the first sound of the reply: what the far end takes by design."""

    @property
    def quiet_ms(self) -> float:
        """The longest time that any open session, once it heard sound, has been without."""
        now = time.monotonic()
        return max((session.quiet_ms(now) for session in self.open), default=0.0)

    def to_json(self) -> dict[str, Any]:
        """All of it, and the processor time of this process so far."""
        return {
            "sessions": self.sessions,
            "live": self.live,
            "turns": self.turns,
            "complaints": self.complaints,
            "received_ms": round(self.received_ms),
            "sent_ms": round(self.sent_ms),
            "missing_ms": round(self.missing_ms),
            "heard": self.heard,
            "quiet_ms": round(self.quiet_ms),
            "lost": self.lost.to_json(),
            "lateness": self.lateness.to_json(),
            "sending": self.sending.to_json(),
            "reply_time": self.reply_time.to_json(),
            "cpu_s": round(time.process_time(), 4),
        }


class SessionGauge:
    """Of one session. Told what happens on it; the clock is its own, and finer than the loop's."""

    __slots__ = ("_appended_ms", "_gauges", "_heard_at", "_lateness", "_loud_at", "_share")

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges
        self._share = Share(gauges)
        self._lateness = Lateness(self._share)
        self._appended_ms = 0.0
        self._heard_at: float | None = None
        self._loud_at: float | None = None
        gauges.sessions += 1
        gauges.live += 1
        gauges.open.add(self)

    def heard(self, appended_ms: float, *, is_loud: bool) -> None:
        """The caller's sound has come to that length; nothing if it had before."""
        duration_ms = appended_ms - self._appended_ms
        if duration_ms <= 0:
            return
        now = time.monotonic()
        self._appended_ms = appended_ms
        self._gauges.received_ms += duration_ms
        if self._heard_at is None:
            self._gauges.heard += 1
        self._heard_at = now
        self._lateness.arrived(duration_ms, now)
        if is_loud:
            self._loud_at = now

    def said(self, duration_ms: float) -> None:
        """Sound of a reply went out."""
        self._gauges.sent_ms += duration_ms
        if self._loud_at is not None:
            self._gauges.reply_time.add((time.monotonic() - self._loud_at) * 1000)
            self._gauges.turns += 1
            self._loud_at = None

    def said_late(self, due_at: float, duration_ms: float) -> None:
        """The same, of sound that was due at that time."""
        self._gauges.sending.add((time.monotonic() - due_at) * 1000)
        self._gauges.sent_ms += duration_ms

    def complained(self) -> None:
        """The client did something wrong."""
        self._gauges.complaints += 1

    def left(self) -> None:
        """The session is over."""
        self._gauges.live -= 1
        self._gauges.open.discard(self)
        if self._share.missing_ms:
            self._gauges.lost.add(self._share.missing_ms)

    def quiet_ms(self, now: float) -> float:
        """How long nothing has come; 0 before the first sound."""
        return 0.0 if self._heard_at is None else (now - self._heard_at) * 1000
