"""The fields that Twilio posts: a call that rings, and status callbacks.

Fields that we do not know are normal; those we need are checked, and limited, here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from offhook.errors import WireError

FIELD_LIMIT_CHARS: Final = 512
METADATA_LIMIT: Final = 32
TOLD: Final = frozenset({"CallerName", "ForwardedFrom", "StirVerstat", "AnsweredBy"})
_CALL_SID: Final = re.compile(r"[\w.:-]{1,64}", re.ASCII)
"""Twilio's are CA and 32 hexadecimal digits; carriers that speak its dialect have forms of their own."""


@dataclass(frozen=True, slots=True)
class VoiceRequest:
    """Twilio asks what to do with a call."""

    call_sid: str
    caller: str
    dialled: str
    status: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What the carrier tells of the call besides, under its own names: SIP headers, the caller's name and the like."""

    @staticmethod
    def read(fields: Mapping[str, object]) -> "VoiceRequest":
        """Raises WireError."""
        return VoiceRequest(
            _call_sid(fields),
            _text(fields, "From"),
            _text(fields, "To"),
            _text(fields, "CallStatus"),
            dict(islice(_told(fields), METADATA_LIMIT)),
        )


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """Where a call stands. They may arrive out of order; ``sequence`` tells."""

    call_sid: str
    status: str
    sequence: int

    @staticmethod
    def read(fields: Mapping[str, object]) -> "StatusUpdate":
        """Raises WireError."""
        sequence = _text(fields, "SequenceNumber")
        status = _text(fields, "CallStatus")
        if status not in STATUSES:
            raise WireError("not a CallStatus", status)
        # A callback configured at the number itself has no sequence, and comes once, at the end.
        return StatusUpdate(
            _call_sid(fields), status, int(sequence) if sequence.isdecimal() and len(sequence) < 9 else 1 << 30
        )


STATUSES: Final = frozenset(
    {"queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"}
)
"""Of a call at Twilio."""


def _told(fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        wanted = name in TOLD or name.startswith("SipHeader_")
        if wanted and isinstance(value, str) and value and len(name) <= 64:
            yield name, value[:FIELD_LIMIT_CHARS]


def _call_sid(fields: Mapping[str, object]) -> str:
    call_sid = _text(fields, "CallSid")
    if not _CALL_SID.fullmatch(call_sid):
        raise WireError("CallSid is missing or is none", call_sid)
    return call_sid


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str) or len(value) > FIELD_LIMIT_CHARS:
        raise WireError(f"{name} is not text of at most {FIELD_LIMIT_CHARS} characters")
    return value
