"""Twilio's Debugger: the numbered errors and warnings that a call leaves behind.

Numbers as in Twilio's error dictionary (twilio.com/docs/api/errors). Those for HTTP and TwiML failures (112xx, 12xxx)
are from general knowledge: UNVERIFIED here, and nothing should be built on the exact number.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from offhook.errors import OffhookError

ALERTS_KEPT: Final = 200
"""Per call; older ones are forgotten first."""

OWN_LIMIT: Final = 0
"""Not one of Twilio's: a limit of this stand-in was reached."""

HTTP_RETRIEVAL: Final = 11200
HTTP_CONNECTION: Final = 11205
DOCUMENT_PARSE: Final = 12100
SCHEMA: Final = 12200
CONTENT_TYPE: Final = 12300
STREAM_TIMEOUT: Final = 31901
STREAM_UNREACHABLE: Final = 31902
STREAM_BROKEN_PIPE: Final = 31903
STREAM_HANDSHAKE: Final = 31920
STREAM_CLOSED: Final = 31921
STREAM_PROTOCOL: Final = 31924
STREAM_OVERFLOW: Final = 31930
STREAM_MALFORMED: Final = 31950
STREAM_INVALID: Final = 31951

_TITLES = MappingProxyType(
    {
        OWN_LIMIT: "Limit of the stand-in",
        HTTP_RETRIEVAL: "HTTP retrieval failure",
        HTTP_CONNECTION: "HTTP connection failure",
        DOCUMENT_PARSE: "Document parse failure",
        SCHEMA: "Schema validation",
        CONTENT_TYPE: "Invalid Content-Type",
        STREAM_TIMEOUT: "Stream - WebSocket - Connection Timeout",
        STREAM_UNREACHABLE: "Stream - WebSocket - Connection Refused",
        STREAM_BROKEN_PIPE: "Stream - WebSocket - Connection Broken Pipe",
        STREAM_HANDSHAKE: "Stream - WebSocket - Handshake Error",
        STREAM_CLOSED: "Stream - WebSocket - Close Error",
        STREAM_PROTOCOL: "Stream - WebSocket - Protocol Error",
        STREAM_OVERFLOW: "Stream - Buffer overflow",
        STREAM_MALFORMED: "Stream - Malformed message",
        STREAM_INVALID: "Stream - Invalid message",
    }
)


class ApplicationError(OffhookError):
    """Twilio could not fetch, read or run a document. The call goes to its fallback URL, or ends."""

    def __init__(self, code: int, reason: str, url: str = "") -> None:
        self.code = code
        self.reason = reason
        self.url = url
        super().__init__(f"{code} {_TITLES.get(code, '')}: {reason}" + (f" ({url})" if url else ""))


class Level(StrEnum):
    """How bad."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Alert:
    """One line in the Debugger."""

    code: int
    level: Level
    text: str

    def __str__(self) -> str:
        return f"{self.level} {self.code} {_TITLES.get(self.code, '')}: {self.text}"


class Debugger:
    """What went wrong on one call, oldest first."""

    __slots__ = ("_alerts",)

    def __init__(self) -> None:
        self._alerts: deque[Alert] = deque(maxlen=ALERTS_KEPT)

    def error(self, code: int, text: str) -> None:
        """Note something that broke a verb or a stream."""
        self._alerts.append(Alert(code, Level.ERROR, text))

    def warning(self, code: int, text: str) -> None:
        """Note something that the call went on from."""
        self._alerts.append(Alert(code, Level.WARNING, text))

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Everything noted and not yet forgotten."""
        return tuple(self._alerts)

    @property
    def codes(self) -> tuple[int, ...]:
        """The numbers alone."""
        return tuple(alert.code for alert in self._alerts)
