"""Twilio Media Streams, both directions (Twilio docs: "Media Streams - WebSocket Messages").

All frames are JSON text. From Twilio: ``connected``, ``start``, ``media``, ``dtmf``, ``mark``, ``stop``; to Twilio:
``media``, ``mark``, ``clear``. Numbers travel as decimal strings. Sound is base64 of G.711 µ-law at 8 kHz.

The values mirror the wire, so a captured message reads like its documentation.
"""

from binascii import b2a_base64
from typing import Final

import msgspec

from offhook.errors import WireError
from offhook.wires.unreadable import UNREADABLE

MESSAGE_LIMIT_BYTES: Final = 64 * 1024
"""Longest message either side may send. Twilio's own are about 300 bytes (20 ms of µ-law)."""

ENCODING: Final = "audio/x-mulaw"
RATE_HZ: Final = 8000


class _Message(msgspec.Struct, frozen=True, tag_field="event", rename="camel", gc=False, omit_defaults=False):
    pass


class _Body(msgspec.Struct, frozen=True, rename="camel", gc=False):
    pass


class Connected(_Message, frozen=True, tag="connected"):
    """The first message; names the protocol, not the stream."""

    protocol: str = "Call"
    version: str = "1.0.0"


class MediaFormat(_Body, frozen=True):
    """What ``start`` promises about the sound to come."""

    encoding: str = ENCODING
    sample_rate: int = RATE_HZ
    channels: int = 1


class StartBody(_Body, frozen=True):
    """Which call and stream this is."""

    stream_sid: str
    call_sid: str
    account_sid: str = ""
    tracks: list[str] = msgspec.field(default_factory=lambda: ["inbound"])
    custom_parameters: dict[str, str] = msgspec.field(default_factory=dict)
    media_format: MediaFormat = msgspec.field(default_factory=MediaFormat)


class Start(_Message, frozen=True, tag="start"):
    """The stream begins; sound follows."""

    start: StartBody
    stream_sid: str
    sequence_number: str = "1"


class Sound(_Body, frozen=True):
    """Of the caller, usually 20 ms; do not count on it, nor on gapless chunks."""

    payload: bytes
    timestamp: str = "0"
    """Milliseconds since the stream began, as a decimal string."""
    chunk: str = "0"
    track: str = "inbound"


class Media(_Message, frozen=True, tag="media"):
    """Sound of the caller."""

    media: Sound
    stream_sid: str = ""
    sequence_number: str = "0"


class Digit(_Body, frozen=True):
    """One key: 0-9, *, #, A-D."""

    digit: str
    track: str = "inbound_track"


class Dtmf(_Message, frozen=True, tag="dtmf"):
    """The caller pressed a key."""

    dtmf: Digit
    stream_sid: str = ""
    sequence_number: str = "0"


class MarkBody(_Body, frozen=True):
    """Names a place in the sound we sent."""

    name: str


class Mark(_Message, frozen=True, tag="mark"):
    """From Twilio: everything before this mark has been played, or was cleared. To Twilio: tell me when."""

    mark: MarkBody
    stream_sid: str = ""
    sequence_number: str = "0"


class StopBody(_Body, frozen=True):
    """Which call's stream ends."""

    call_sid: str = ""
    account_sid: str = ""


class Stop(_Message, frozen=True, tag="stop"):
    """The stream ends: the caller hung up, or other TwiML took the call."""

    stop: StopBody = msgspec.field(default_factory=StopBody)
    stream_sid: str = ""
    sequence_number: str = "0"


class PlayBody(_Body, frozen=True):
    """Sound for the caller."""

    payload: bytes


class Play(_Message, frozen=True, tag="media"):
    """To Twilio: append to what is being played."""

    media: PlayBody
    stream_sid: str


class Clear(_Message, frozen=True, tag="clear"):
    """To Twilio: drop what has not been played, and echo every pending mark at once."""

    stream_sid: str


class UnknownEvent(msgspec.Struct, frozen=True, gc=False):
    """A message of a kind that this file does not know. ``stream_sid`` tells if it belongs to the stream at all."""

    event: str
    stream_sid: str


FromTwilio = Connected | Start | Media | Dtmf | Mark | Stop
ToTwilio = Play | Mark | Clear

_from_twilio: msgspec.json.Decoder[FromTwilio] = msgspec.json.Decoder(FromTwilio)
_to_twilio: msgspec.json.Decoder[ToTwilio] = msgspec.json.Decoder(ToTwilio)


class _Head(msgspec.Struct, rename="camel", gc=False):
    event: str
    stream_sid: str = ""


_head = msgspec.json.Decoder(_Head)


def parse(message: bytes) -> FromTwilio | UnknownEvent:
    """Read one message from Twilio. Raises WireError if it is not one."""
    try:
        return _from_twilio.decode(message)
    except UNREADABLE as error:
        return _unknown_or_raise(message, error, known=_FROM_TWILIO)


def parse_reply(message: bytes) -> ToTwilio | UnknownEvent:
    """Read one message to Twilio, as Twilio would. Raises WireError if it is not one."""
    try:
        return _to_twilio.decode(message)
    except UNREADABLE as error:
        return _unknown_or_raise(message, error, known=_TO_TWILIO)


_FROM_TWILIO: Final = frozenset({"connected", "start", "media", "dtmf", "mark", "stop"})
_TO_TWILIO: Final = frozenset({"media", "mark", "clear"})


def _unknown_or_raise(message: bytes, error: Exception, known: frozenset[str]) -> UnknownEvent:
    try:
        head = _head.decode(message)
    except UNREADABLE:
        raise WireError(f"not a Media Streams message ({error})", message) from None
    if head.event in known:
        raise WireError(f"broken {head.event} message ({error})", message) from None
    return UnknownEvent(head.event, head.stream_sid)


def encode(message: FromTwilio | ToTwilio) -> bytes:
    """Write any message as Twilio, or a server, would send it."""
    return msgspec.json.encode(message)


class ReplyWriter:
    """Writes what a server sends on one stream. On the media path, so sound is joined from ready-made pieces."""

    __slots__ = ("_clear", "_mark_head", "_media_head")

    def __init__(self, stream_sid: str) -> None:
        sid = msgspec.json.encode(stream_sid)
        self._media_head = b'{"event":"media","streamSid":' + sid + b',"media":{"payload":"'
        self._mark_head = b'{"event":"mark","streamSid":' + sid + b',"mark":{"name":'
        self._clear = b'{"event":"clear","streamSid":' + sid + b"}"

    def media(self, frame: bytes) -> bytes:
        """Sound of any length in µ-law."""
        return self._media_head + b2a_base64(frame, newline=False) + b'"}}'

    def mark(self, name: str) -> bytes:
        """Ask for an echo when everything sent so far has been played."""
        return self._mark_head + msgspec.json.encode(name) + b"}}"

    def clear(self) -> bytes:
        """Drop what has not been played."""
        return self._clear
