"""The life of a call, as Twilio tells it (Twilio docs: "Call resource", CallStatus).

::

    queued → initiated → ringing → in-progress → completed
                            │
                            └→ busy, no-answer, failed; canceled by the REST API up to here

An inbound call begins at ringing.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """CallStatus."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


NEXT: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.QUEUED: frozenset({Status.INITIATED, Status.CANCELED, Status.FAILED}),
        Status.INITIATED: frozenset({Status.RINGING, Status.CANCELED, Status.FAILED}),
        Status.RINGING: frozenset({Status.IN_PROGRESS, Status.BUSY, Status.NO_ANSWER, Status.FAILED, Status.CANCELED}),
        Status.IN_PROGRESS: frozenset({Status.COMPLETED}),
        Status.COMPLETED: frozenset(),
        Status.BUSY: frozenset(),
        Status.FAILED: frozenset(),
        Status.NO_ANSWER: frozenset(),
        Status.CANCELED: frozenset(),
    }
)

FINAL = frozenset(status for status, following in NEXT.items() if not following)


class Outcome(StrEnum):
    """How a phone that rings is dealt with; the words are those of DialCallStatus."""

    ANSWERED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
