"""Where a call is in its life, and the status callbacks that tell of it (Twilio docs: "Call resource")."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from math import ceil
from types import MappingProxyType

from offhook.loadtest.twilio.callbacks import Callbacks, StatusCallback
from offhook.loadtest.twilio.facts import CallFacts
from offhook.loadtest.twilio.states import FINAL, NEXT, Status

_EVENTS: Mapping[Status, str] = MappingProxyType(
    {Status.INITIATED: "initiated", Status.RINGING: "ringing", Status.IN_PROGRESS: "answered"}
    | dict.fromkeys(FINAL, "completed")
)

_SIP_CODES: Mapping[Status, str] = MappingProxyType(
    {
        Status.COMPLETED: "200",
        Status.BUSY: "486",
        Status.FAILED: "503",
        Status.NO_ANSWER: "480",
        Status.CANCELED: "487",
    }
)
"""Sent with the last callback. UNVERIFIED which codes Twilio chooses."""


def rfc2822(moment: datetime) -> str:
    """As in Twilio's JSON and call callbacks: ``Sat, 21 Nov 2026 10:00:00 +0000``."""
    return format_datetime(moment)


class Life:
    """The states of one call. Times of the wall are UTC; ``answered_at`` and ``ended_at`` are loop times."""

    def __init__(self, facts: CallFacts, status: Status, callbacks: Callbacks, callback: StatusCallback | None) -> None:
        self.status = status
        self.callback = callback
        self.created = self.updated = datetime.now(UTC)
        self.answered: datetime | None = None
        self.ended: datetime | None = None
        self.answered_at: float | None = None
        self.ended_at: float | None = None
        self._facts = facts
        self._callbacks = callbacks
        self._sequence = 0

    @property
    def over(self) -> bool:
        """True in a state that nothing follows."""
        return self.status in FINAL

    @property
    def talk_s(self) -> float:
        """Seconds between answer and end, so far."""
        if self.answered_at is None:
            return 0.0
        return (self.ended_at or asyncio.get_running_loop().time()) - self.answered_at

    def move(self, status: Status) -> None:
        """Go to another state and tell. ValueError if it cannot follow."""
        if status not in NEXT[self.status]:
            raise ValueError(f"a call cannot go from {self.status} to {status}")
        self.status = status
        self.updated = datetime.now(UTC)
        if status is Status.IN_PROGRESS:
            self.answered, self.answered_at = self.updated, asyncio.get_running_loop().time()
        elif self.over:
            self.ended, self.ended_at = self.updated, asyncio.get_running_loop().time()
        self._tell(_EVENTS[status])

    def _tell(self, event: str) -> None:
        callback = self.callback
        if callback is None or event not in callback.events:
            return
        form = self._facts.form(self.status) | {
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sequence),
            "Timestamp": rfc2822(self.updated),
        }
        if self.over:
            form["CallDuration"] = str(round(self.talk_s))
            form["Duration"] = str(ceil(self.talk_s / 60))
            form["SipResponseCode"] = _SIP_CODES[self.status]
        self._sequence += 1
        self._callbacks.send(callback.method, callback.url, form)
