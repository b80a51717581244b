"""What a server sends on a stream, read as strictly as Twilio may (error page 31951: field, JSON, stream sid)."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from offhook.errors import WireError
from offhook.wires.twilio_media import Clear, Mark, Play, ToTwilio, UnknownEvent, parse_reply

_SHAPES: Mapping[type, tuple[frozenset[str], str, frozenset[str]]] = MappingProxyType(
    {
        Play: (frozenset({"event", "streamSid", "media"}), "media", frozenset({"payload"})),
        Mark: (frozenset({"event", "streamSid", "mark"}), "mark", frozenset({"name"})),
        Clear: (frozenset({"event", "streamSid"}), "", frozenset()),
    }
)

_fields = msgspec.json.Decoder(dict[str, object])


def read_reply(message: bytes, stream_sid: str) -> ToTwilio:
    """Return one message, or raise WireError: not JSON, unknown, a field too many or too few, another stream."""
    reply = parse_reply(message)
    if isinstance(reply, UnknownEvent):
        raise WireError(f"no event {reply.event!r} goes to Twilio", message)
    if reply.stream_sid != stream_sid:
        raise WireError(f"stream sid {reply.stream_sid!r} is not {stream_sid!r}", message)
    outer, body, inner = _SHAPES[type(reply)]
    fields = _fields.decode(message)
    if fields.keys() != outer:
        raise WireError(f"fields {', '.join(sorted(fields.keys() ^ outer))} too many or missing", message)
    content = fields.get(body)
    if isinstance(content, dict) and content.keys() != inner:
        raise WireError(f"fields {', '.join(sorted(content.keys() ^ inner))} too many or missing in {body}", message)
    return reply
