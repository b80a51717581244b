"""What is said to the engine."""

from binascii import b2a_base64
from typing import Any, get_args

import msgspec

from offhook.errors import WireError
from offhook.wires.openai_realtime.items import Item
from offhook.wires.unreadable import UNREADABLE


class _Event(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True):
    pass


class SessionUpdate(_Event, frozen=True, tag="session.update"):
    """Set the session up, or change what is named. GA wants ``session.type``."""

    session: dict[str, Any]
    event_id: str | None = None


class Append(_Event, frozen=True, tag="input_audio_buffer.append", gc=False):
    """Sound of the caller, in the input format; never acknowledged."""

    audio: bytes
    event_id: str | None = None


class Commit(_Event, frozen=True, tag="input_audio_buffer.commit"):
    """What was appended is the caller's turn."""

    event_id: str | None = None


class ClearInput(_Event, frozen=True, tag="input_audio_buffer.clear"):
    """Forget what was appended."""

    event_id: str | None = None


class ItemCreate(_Event, frozen=True, tag="conversation.item.create"):
    """Put an item into the conversation; at its end unless ``previous_item_id`` says where ("root": at its head)."""

    item: Item
    previous_item_id: str | None = None
    event_id: str | None = None


class ItemRetrieve(_Event, frozen=True, tag="conversation.item.retrieve"):
    """Show an item as the engine has it."""

    item_id: str
    event_id: str | None = None


class ItemDelete(_Event, frozen=True, tag="conversation.item.delete"):
    """Take an item out."""

    item_id: str
    event_id: str | None = None


class Truncate(_Event, frozen=True, tag="conversation.item.truncate"):
    """The caller heard only so much of a reply. An error if that is more than there was."""

    item_id: str
    audio_end_ms: int
    content_index: int
    event_id: str | None = None


class ResponseCreate(_Event, frozen=True, tag="response.create"):
    """Reply now. ``response`` overrides session settings for this reply alone."""

    response: dict[str, Any] | None = None
    event_id: str | None = None


class ResponseCancel(_Event, frozen=True, tag="response.cancel"):
    """Stop replying."""

    response_id: str | None = None
    event_id: str | None = None


ClientEvent = (
    SessionUpdate
    | Append
    | Commit
    | ClearInput
    | ItemCreate
    | ItemRetrieve
    | ItemDelete
    | Truncate
    | ResponseCreate
    | ResponseCancel
)

_decoder: msgspec.json.Decoder[ClientEvent] = msgspec.json.Decoder(ClientEvent)
_KNOWN = frozenset(str(event.__struct_config__.tag) for event in get_args(ClientEvent))


class UnknownEvent(msgspec.Struct, frozen=True):
    """An event of a kind that this file does not know; a server answers it with an error."""

    type: str
    event_id: str | None = None


_head = msgspec.json.Decoder(UnknownEvent)


def parse(message: bytes) -> ClientEvent | UnknownEvent:
    """Read one event, as an engine would. Raises WireError if it is none, or broken."""
    try:
        return _decoder.decode(message)
    except UNREADABLE as error:
        try:
            head = _head.decode(message)
        except UNREADABLE:
            raise WireError(f"not a Realtime event ({error})", message) from None
        if head.type in _KNOWN:
            raise WireError(f"broken {head.type} ({error})", message) from None
        return head


def encode(event: ClientEvent) -> bytes:
    """Write an event as a client would send it."""
    return msgspec.json.encode(event)


def append(frame: bytes | bytearray) -> bytes:
    """Write one Append; on the media path, so joined from ready-made pieces."""
    return b'{"type":"input_audio_buffer.append","audio":"' + b2a_base64(frame, newline=False) + b'"}'
