"""One response, from response.created to response.done.

Told the time; says what is due. It yields events one by one, and what it tells about itself (``sent_ms``) is true
for the events taken so far: whoever stops taking them in the middle has cut the reply there.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import inf
from typing import Any

import msgspec

from offhook.loadtest.far_end.conversation import Conversation, Entry
from offhook.loadtest.far_end.cuts import Piece
from offhook.loadtest.far_end.ids import Ids
from offhook.loadtest.far_end.script import Reply, ToolCall
from offhook.loadtest.far_end.tokens import NO_TOKENS, Tokens, model_tokens, text_tokens, usage
from offhook.wires.openai_realtime.asides import ArgumentsDelta, Aside, TextDelta, TextDone
from offhook.wires.openai_realtime.items import Item, Part, function_call
from offhook.wires.openai_realtime.server_events import (
    ArgumentsDone,
    AudioDelta,
    AudioDone,
    ContentPartAdded,
    ContentPartDone,
    ErrorBody,
    ItemAdded,
    ItemDone,
    OutputItemAdded,
    OutputItemDone,
    RateLimit,
    RateLimits,
    Response,
    ResponseCreated,
    ResponseDone,
    ServerEvent,
    StatusDetails,
    TranscriptDelta,
    TranscriptDone,
)

Events = Iterator[ServerEvent | Aside]

_RATE_LIMITS = RateLimits([RateLimit("requests", 10_000, 9_999, 0.006), RateLimit("tokens", 200_000, 195_000, 1.5)])


class Status(StrEnum):
    """How a response stands. All but the first are final."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Speaking:
    """A reply being given. Its first output is due at ``first_at``; ``step_s`` lie between its deltas."""

    def __init__(
        self,
        reply: Reply,
        pieces: Sequence[Piece],
        conversation: Conversation,
        ids: Ids,
        *,
        first_at: float,
        step_s: float = 0.0,
        in_text: bool = False,
        calls_tools: bool = True,
        metadata: dict[str, str] | None = None,
        context: Tokens = NO_TOKENS,
        cached: Tokens = NO_TOKENS,
    ) -> None:
        self.id = ids("resp")
        self.reply = reply
        self.status = Status.IN_PROGRESS
        self.reason: str | None = None
        """Why it was cancelled: turn_detected or client_cancelled; why it failed: the error's code."""
        self.item_id: str | None = None
        """Of the spoken message, once it is there."""
        self.call_ids: tuple[str, ...] = ()
        self.sent_ms = 0.0
        """Sound sent so far."""
        self.usage: dict[str, Any] | None = None
        self._pieces = pieces
        self._conversation = conversation
        self._ids = ids
        self._first_at = first_at
        self._step_s = step_s
        self._in_text = in_text
        self._tool_calls = reply.tool_calls if calls_tools else ()
        self._metadata = metadata
        self._context = context
        self._cached = cached
        self._sent = 0
        self._message: Entry | None = None
        self._said = ""
        self._output: list[Entry] = []

    def deadline(self) -> float:
        """When ``due`` has something to say; inf once it is over."""
        return self._first_at + self._sent * self._step_s if self.status is Status.IN_PROGRESS else inf

    @property
    def is_half_said(self) -> bool:
        """Half of the deltas, or more, are out."""
        return self._sent * 2 >= len(self._pieces)

    def begin(self) -> Events:
        """Say that it exists."""
        yield ResponseCreated(self._response())
        yield _RATE_LIMITS

    def due(self, now: float) -> Events:
        """Say what is due by ``now``; it ends together with its last delta."""
        while now >= self.deadline():
            if self._pieces and self._message is None:
                yield from self._open()
            if self._sent < len(self._pieces):
                yield from self._delta(self._pieces[self._sent])
            if self._sent >= len(self._pieces):
                yield from self._end()

    def cancel(self, reason: str) -> Events:
        """Break off: turn_detected, client_cancelled."""
        if self._message is not None:
            yield from self._close("incomplete")
        yield self._finish(Status.CANCELLED, reason)

    def fail(self, code: str) -> Events:
        """Break off before anything is said, for a reason on this side."""
        yield self._finish(Status.FAILED, code)

    def late(self, count: int) -> Events:
        """Deltas of what was broken off, as if they had been on their way. None if nothing had been said."""
        if self._message is None or self._in_text:
            return
        for at in range(count):
            piece = self._pieces[min(self._sent + at, len(self._pieces) - 1)]
            yield AudioDelta(piece.audio, self._message.item_id, self.id)

    def _open(self) -> Events:
        item = Item("message", self._ids("item"), role="assistant", content=[], status="in_progress", object=_OBJECT)
        self._message, previous_item_id = self._conversation.add(item)
        self._output.append(self._message)
        self.item_id = self._message.item_id
        yield OutputItemAdded(item, self.id, 0)
        yield ItemAdded(item, previous_item_id)
        yield ContentPartAdded(self.item_id, self._part(), self.id)

    def _delta(self, piece: Piece) -> Events:
        assert self._message is not None
        item_id = self._message.item_id
        self._sent += 1
        if self._in_text:
            if piece.words:
                self._said += piece.words
                yield TextDelta(piece.words, item_id, self.id)
            return
        if piece.words:
            self._said += piece.words
            yield TranscriptDelta(piece.words, item_id, self.id)
        self.sent_ms += piece.duration_ms
        if self._message.truncated_ms is None:
            self._message.audio_ms += piece.duration_ms
        yield AudioDelta(piece.audio, item_id, self.id)

    def _end(self) -> Events:
        if self._message is not None:
            yield from self._close("completed")
        for call in self._tool_calls:
            yield from self._call(call)
        yield self._finish(Status.COMPLETED)

    def _close(self, status: str) -> Events:
        message = self._message
        assert message is not None
        item_id = message.item_id
        if self._in_text:
            yield TextDone(self._said, item_id, self.id)
        else:
            yield AudioDone(item_id, self.id)
            yield TranscriptDone(self._said, item_id, self.id)
        yield ContentPartDone(item_id, self._part(), self.id)
        fields: dict[str, Any] = {"status": status}
        if message.truncated_ms is None:  # else the client has already thrown the words away
            said = self._said
            content = Part("output_text", text=said) if self._in_text else Part("output_audio", transcript=said)
            fields["content"] = [content]
        item = message.change(**fields)
        yield OutputItemDone(item, self.id, 0)
        yield ItemDone(item, self._conversation.previous_item_id(item_id))

    def _call(self, call: ToolCall) -> Events:
        call_id, item_id, index = self._ids("call"), self._ids("item"), len(self._output)
        self.call_ids += (call_id,)
        item = msgspec.structs.replace(
            function_call(call_id, call.name, "", item_id), status="in_progress", object=_OBJECT
        )
        entry, previous_item_id = self._conversation.add(item)
        self._output.append(entry)
        yield OutputItemAdded(item, self.id, index)
        yield ItemAdded(item, previous_item_id)
        half = len(call.arguments_json) // 2
        for delta in filter(None, (call.arguments_json[:half], call.arguments_json[half:])):
            yield ArgumentsDelta(call_id, delta, item_id, self.id, index)
        yield ArgumentsDone(call_id, call.arguments_json, call.name, item_id, self.id, index)
        item = entry.change(arguments=call.arguments_json, status="completed")
        yield OutputItemDone(item, self.id, index)
        yield ItemDone(item, self._conversation.previous_item_id(item_id))

    def _finish(self, status: Status, reason: str | None = None) -> ResponseDone:
        self.status, self.reason = status, reason
        if status is not Status.FAILED:
            arguments = "".join(entry.item.arguments or "" for entry in self._output)
            output = Tokens(model_tokens(self.sent_ms), text_tokens(self._said) + text_tokens(arguments))
            self.usage = usage(self._context, self._cached, output)
        return ResponseDone(self._response())

    def _response(self) -> Response:
        return Response(
            id=self.id,
            status=self.status.value,
            status_details=self._details(),
            output=[entry.item for entry in self._output],
            usage=self.usage,
            metadata=self._metadata,
            conversation_id=self._conversation.id,
            output_modalities=["text" if self._in_text else "audio"],
        )

    def _details(self) -> StatusDetails | None:
        match self.status:
            case Status.CANCELLED:
                return StatusDetails("cancelled", self.reason)
            case Status.FAILED:
                return StatusDetails("failed", error=ErrorBody(_FAILED, self.reason, self.reason))
            case _:
                return None

    def _part(self) -> Part:
        return Part("text", text=self._said) if self._in_text else Part("audio", transcript=self._said)


_OBJECT = "realtime.item"
_FAILED = "The response failed, because the script of this server says so."
