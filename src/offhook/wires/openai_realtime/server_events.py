"""What the engine says: the events a bridge acts on. All others parse to None."""

from typing import Any, Final, get_args

import msgspec

from offhook.errors import WireError
from offhook.wires.openai_realtime.items import Item, Part
from offhook.wires.unreadable import UNREADABLE

MESSAGE_LIMIT_BYTES: Final = 16 * 1024 * 1024
"""Longest event accepted: the vendor allows 15 MiB of audio in one."""


class _Event(msgspec.Struct, frozen=True, tag_field="type"):
    # Written in full, defaults and all: clients rely on fields such as output_index to be there when they are 0.
    pass


class SessionCreated(_Event, frozen=True, tag="session.created"):
    """The first event of a connection."""

    session: dict[str, Any]
    event_id: str = ""


class SessionUpdated(_Event, frozen=True, tag="session.updated"):
    """Our settings hold now; ``session`` is the full effective configuration."""

    session: dict[str, Any]
    event_id: str = ""


class SpeechStarted(_Event, frozen=True, tag="input_audio_buffer.speech_started"):
    """The caller began to speak, ``audio_start_ms`` into the sound appended so far."""

    item_id: str = ""
    audio_start_ms: int = 0
    event_id: str = ""


class SpeechStopped(_Event, frozen=True, tag="input_audio_buffer.speech_stopped"):
    """The caller stopped; known only after the silence that proves it."""

    item_id: str = ""
    audio_end_ms: int = 0
    event_id: str = ""


class Committed(_Event, frozen=True, tag="input_audio_buffer.committed"):
    """The caller's turn became item ``item_id``."""

    item_id: str
    previous_item_id: str | None = None
    event_id: str = ""


class ItemAdded(_Event, frozen=True, tag="conversation.item.added"):
    """An item stands in the conversation, perhaps unfinished."""

    item: Item
    previous_item_id: str | None = None
    event_id: str = ""


class ItemDone(_Event, frozen=True, tag="conversation.item.done"):
    """An item is complete."""

    item: Item
    previous_item_id: str | None = None
    event_id: str = ""


class InputTranscriptDelta(_Event, frozen=True, tag="conversation.item.input_audio_transcription.delta"):
    """Some more words of the caller."""

    item_id: str
    delta: str = ""
    content_index: int = 0
    event_id: str = ""


class InputTranscript(_Event, frozen=True, tag="conversation.item.input_audio_transcription.completed"):
    """What the caller said. May come after the reply to it has begun."""

    item_id: str
    transcript: str
    content_index: int = 0
    usage: dict[str, Any] | None = None
    event_id: str = ""


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong. ``event_id`` is that of our event at fault, if one was."""

    message: str = ""
    type: str | None = None
    code: str | None = None
    param: str | None = None
    event_id: str | None = None


class InputTranscriptFailed(_Event, frozen=True, tag="conversation.item.input_audio_transcription.failed"):
    """What the caller said could not be written down."""

    item_id: str
    error: ErrorBody = msgspec.field(default_factory=ErrorBody)
    content_index: int = 0
    event_id: str = ""


class Truncated(_Event, frozen=True, tag="conversation.item.truncated"):
    """The reply was cut at ``audio_end_ms``."""

    item_id: str
    audio_end_ms: int = 0
    content_index: int = 0
    event_id: str = ""


class StatusDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a response did not complete."""

    type: str | None = None
    reason: str | None = None
    error: ErrorBody | None = None


class Response(msgspec.Struct, frozen=True):
    """A reply as a whole. ``status``: in_progress, completed, cancelled, incomplete, failed."""

    id: str = ""
    object: str = "realtime.response"
    status: str = "in_progress"
    status_details: StatusDetails | None = None
    output: list[Item] | None = None
    usage: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    conversation_id: str | None = None
    output_modalities: list[str] | None = None


class ResponseCreated(_Event, frozen=True, tag="response.created"):
    """A reply begins."""

    response: Response
    event_id: str = ""


class ResponseDone(_Event, frozen=True, tag="response.done"):
    """A reply ended, one way or another; always the last event of it."""

    response: Response
    event_id: str = ""


class OutputItemAdded(_Event, frozen=True, tag="response.output_item.added"):
    """The reply begins an item: speech, or a function call."""

    item: Item
    response_id: str = ""
    output_index: int = 0
    event_id: str = ""


class OutputItemDone(_Event, frozen=True, tag="response.output_item.done"):
    """An item of the reply is complete; of a function call, the arguments are."""

    item: Item
    response_id: str = ""
    output_index: int = 0
    event_id: str = ""


class ContentPartAdded(_Event, frozen=True, tag="response.content_part.added"):
    """A piece of the reply's message begins."""

    item_id: str = ""
    part: Part | None = None
    response_id: str = ""
    output_index: int = 0
    content_index: int = 0
    event_id: str = ""


class ContentPartDone(_Event, frozen=True, tag="response.content_part.done"):
    """A piece of the reply's message is complete."""

    item_id: str = ""
    part: Part | None = None
    response_id: str = ""
    output_index: int = 0
    content_index: int = 0
    event_id: str = ""


class AudioDelta(_Event, frozen=True, tag="response.output_audio.delta", gc=False):
    """Sound of the reply: faster than real time, in pieces of any size."""

    delta: bytes
    item_id: str = ""
    response_id: str = ""
    output_index: int = 0
    content_index: int = 0
    event_id: str = ""


class AudioDone(_Event, frozen=True, tag="response.output_audio.done"):
    """No more sound of this item."""

    item_id: str = ""
    response_id: str = ""
    output_index: int = 0
    content_index: int = 0
    event_id: str = ""


class TranscriptDelta(_Event, frozen=True, tag="response.output_audio_transcript.delta"):
    """Some more words of the reply."""

    delta: str = ""
    item_id: str = ""
    response_id: str = ""
    output_index: int = 0
    content_index: int = 0
    event_id: str = ""


class TranscriptDone(_Event, frozen=True, tag="response.output_audio_transcript.done"):
    """The words of the reply."""

    transcript: str = ""
    item_id: str = ""
    response_id: str = ""
    output_index: int = 0
    content_index: int = 0
    event_id: str = ""


class ArgumentsDone(_Event, frozen=True, tag="response.function_call_arguments.done"):
    """The arguments of a function call are complete (also told by OutputItemDone, which we act on)."""

    call_id: str
    arguments: str = ""
    name: str = ""
    item_id: str = ""
    response_id: str = ""
    output_index: int = 0
    event_id: str = ""


class RateLimit(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is left of one quota."""

    name: str = ""
    limit: float = 0
    remaining: float = 0
    reset_seconds: float = 0


class RateLimits(_Event, frozen=True, tag="rate_limits.updated"):
    """What is left of the account's quotas."""

    rate_limits: list[RateLimit] = []
    event_id: str = ""


class Failure(_Event, frozen=True, tag="error"):
    """Something went wrong; usually the session stays open."""

    error: ErrorBody
    event_id: str = ""


class _BetaAudioDelta(AudioDelta, frozen=True, tag="response.audio.delta"):
    pass


class _BetaAudioDone(AudioDone, frozen=True, tag="response.audio.done"):
    pass


class _BetaTranscriptDelta(TranscriptDelta, frozen=True, tag="response.audio_transcript.delta"):
    pass


class _BetaTranscriptDone(TranscriptDone, frozen=True, tag="response.audio_transcript.done"):
    pass


ServerEvent = (
    SessionCreated
    | SessionUpdated
    | SpeechStarted
    | SpeechStopped
    | Committed
    | ItemAdded
    | ItemDone
    | InputTranscriptDelta
    | InputTranscript
    | InputTranscriptFailed
    | Truncated
    | ResponseCreated
    | ResponseDone
    | OutputItemAdded
    | OutputItemDone
    | ContentPartAdded
    | ContentPartDone
    | AudioDelta
    | AudioDone
    | TranscriptDelta
    | TranscriptDone
    | ArgumentsDone
    | RateLimits
    | Failure
)

_Spoken = ServerEvent | _BetaAudioDelta | _BetaAudioDone | _BetaTranscriptDelta | _BetaTranscriptDone
_decoder: msgspec.json.Decoder[ServerEvent] = msgspec.json.Decoder(_Spoken)
_KNOWN: Final = frozenset(str(event.__struct_config__.tag) for event in get_args(_Spoken))


class _Head(msgspec.Struct):
    type: str


_head = msgspec.json.Decoder(_Head)


def parse(message: bytes) -> ServerEvent | None:
    """Read one event, or return None if it is of a kind that this file does not know.

    Raises WireError if it is no event at all, or a known one with fields missing or of the wrong type.
    """
    try:
        return _decoder.decode(message)
    except UNREADABLE as error:
        try:
            kind = _head.decode(message).type
        except UNREADABLE:
            raise WireError(f"not a Realtime event ({error})", message) from None
        if kind in _KNOWN:
            raise WireError(f"broken {kind} ({error})", message) from None
        return None


def encode(event: ServerEvent) -> bytes:
    """Write an event as an engine would send it (GA spelling)."""
    return msgspec.json.encode(event)
