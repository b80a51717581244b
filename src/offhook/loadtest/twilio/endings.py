"""How a stream can end, what Twilio notes then, and what it tells the stream's status callback."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from offhook.loadtest.twilio.debugger import (
    STREAM_BROKEN_PIPE,
    STREAM_CLOSED,
    STREAM_HANDSHAKE,
    STREAM_PROTOCOL,
    STREAM_TIMEOUT,
    STREAM_UNREACHABLE,
)


class StreamEnd(Enum):
    """Who or what ended a stream."""

    STOPPED = auto()
    """Twilio did: the caller hung up, or other TwiML took the call."""
    SERVER_CLOSED = auto()
    """The server sent a close frame."""
    LOST = auto()
    """The connection broke."""
    BROKEN_RULES = auto()
    """The server broke the WebSocket protocol."""
    REFUSED = auto()
    """The server answered the upgrade with something else than 101, or the URL was wrong."""
    TIMED_OUT = auto()
    """The server did not answer the upgrade."""
    UNREACHABLE = auto()
    """There was no server to ask."""


class AfterStream(Enum):
    """What Twilio does with the call when a stream did not end as it should."""

    ACTION = auto()
    """Request the action of ``<Connect>``; without one, run the next verb."""
    NEXT_VERB = auto()
    """Run the next verb, action or not."""
    NOTHING = auto()
    """Leave the caller in silence until the REST API or the caller does something."""


@dataclass(frozen=True, slots=True)
class Ending:
    """``code`` goes to the Debugger, ``event`` to the stream's status callback."""

    code: int | None
    event: str


ENDINGS: Mapping[StreamEnd, Ending] = MappingProxyType(
    {
        StreamEnd.STOPPED: Ending(None, "stream-stopped"),
        # The Debugger has 31921 even when the server meant it. Which event goes with it is UNVERIFIED; a close is the
        # documented way to end a stream, so it is told as one.
        StreamEnd.SERVER_CLOSED: Ending(STREAM_CLOSED, "stream-stopped"),
        StreamEnd.LOST: Ending(STREAM_BROKEN_PIPE, "stream-error"),
        StreamEnd.BROKEN_RULES: Ending(STREAM_PROTOCOL, "stream-error"),
        StreamEnd.REFUSED: Ending(STREAM_HANDSHAKE, "stream-error"),
        StreamEnd.TIMED_OUT: Ending(STREAM_TIMEOUT, "stream-error"),
        StreamEnd.UNREACHABLE: Ending(STREAM_UNREACHABLE, "stream-error"),
    }
)

NEVER_OPENED = frozenset({StreamEnd.REFUSED, StreamEnd.TIMED_OUT, StreamEnd.UNREACHABLE})
