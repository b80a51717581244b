"""Who calls whom, and the form fields that say so (Twilio docs: "Twilio's request to your application")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from secrets import token_hex
from typing import Final

from offhook.loadtest.twilio.states import Status

API_VERSION: Final = "2010-04-01"

_PARTIES: Final = ("From", "To", "Caller", "Called")
_PLACES: Final = ("City", "State", "Zip", "Country")


class Direction(StrEnum):
    """Seen from the account."""

    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"


def new_sid(prefix: str) -> str:
    """Two letters and 32 hexadecimal digits: CA for a call, MZ for a stream."""
    return prefix + token_hex(16)


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What does not change during a call. ``extra`` are further fields of its webhooks."""

    account_sid: str
    caller: str
    dialled: str
    direction: Direction
    extra: Mapping[str, str] = field(default_factory=dict)
    sid: str = field(default_factory=lambda: new_sid("CA"))

    def form(self, status: Status) -> dict[str, str]:
        """The standard fields. The places are sent and often empty, and the signature covers empty fields too."""
        form = {party + place: "" for party in _PARTIES for place in _PLACES}
        form |= {
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.sid,
            "CallStatus": status,
            "Called": self.dialled,
            "Caller": self.caller,
            "Direction": self.direction,
            "From": self.caller,
            "To": self.dialled,
        }
        return form | dict(self.extra)
