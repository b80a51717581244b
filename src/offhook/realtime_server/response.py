"""One response, from response.created to response.done.

Whoever has the words and the sound calls the verbs in this order: ``begin``; any number of ``say`` and ``call``, mixed
as they come; then one of ``complete``, ``cancel``, ``fail`` and ``stop_short``. Events are made as they are taken, and
what a response tells about itself (``said``, ``sent_ms``) is true for those taken so far: take all of one verb before
calling the next. Once it is over, every verb says nothing, so that sound that comes late is dropped here.
"""

from collections.abc import Generator, Iterator
from enum import StrEnum
from typing import Any

import msgspec

from offhook.realtime_server.conversation import Conversation, Entry
from offhook.realtime_server.ids import Ids
from offhook.realtime_server.tokens import NO_TOKENS, Tokens, model_tokens, text_tokens, usage
from offhook.wires.openai_realtime import server_events as server
from offhook.wires.openai_realtime.asides import ArgumentsDelta, Aside, TextDelta, TextDone
from offhook.wires.openai_realtime.items import Item, Part

Events = Iterator[server.ServerEvent | Aside]

_RATE_LIMITS = server.RateLimits(
    [server.RateLimit("requests", 10_000, 9_999, 0.006), server.RateLimit("tokens", 200_000, 195_000, 1.5)]
)
_OBJECT = "realtime.item"


class Status(StrEnum):
    """How a response stands. All but the first are final."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


class Response:
    """What the model says, and which functions it calls, in answer to one turn or request.

    ``context`` and ``cached`` are what it cost to read the conversation before it, for the usage.
    """

    def __init__(
        self,
        conversation: Conversation,
        ids: Ids,
        *,
        in_text: bool = False,
        metadata: dict[str, str] | None = None,
        context: Tokens = NO_TOKENS,
        cached: Tokens = NO_TOKENS,
    ) -> None:
        self.id = ids("resp")
        self.status = Status.IN_PROGRESS
        self.reason: str | None = None
        """Why it did not complete: turn_detected, client_cancelled, max_output_tokens, or the code of the failure."""
        self.item_id: str | None = None
        """Of the message that was opened last, once one is there."""
        self.call_ids: tuple[str, ...] = ()
        """Of the functions called so far, in order."""
        self.sent_ms = 0.0
        """Sound sent so far, of all messages."""
        self.said = ""
        """Words sent so far, of all messages."""
        self.usage: dict[str, Any] | None = None
        """Once it is over; None if it failed."""
        self.in_text = in_text
        self._conversation = conversation
        self._ids = ids
        self._metadata = metadata
        self._context = context
        self._cached = cached
        self._output: list[Entry] = []
        self._message: Entry | None = None
        """The message that is open now."""
        self._words = ""
        """Those of the open message."""
        self._failure: server.ErrorBody | None = None

    @property
    def is_over(self) -> bool:
        """response.done was said."""
        return self.status is not Status.IN_PROGRESS

    def begin(self) -> Events:
        """Say that it exists."""
        yield server.ResponseCreated(self._response())
        yield _RATE_LIMITS

    def say(self, words: str, sound: bytes = b"", duration_ms: float = 0.0) -> Events:
        """Some more words, some more sound (in the format of the session, lasting ``duration_ms``), or both.

        The first opens a message; so does the first after a function call. A response in text has no sound.
        """
        if self.is_over:
            return
        if self._message is None:
            yield from self._open_message()
        message = self._message
        assert message is not None
        item_id, index = message.item_id, self._index
        self._words += words
        self.said += words
        if self.in_text:
            if words:
                yield TextDelta(words, item_id, self.id, index)
            return
        if words:
            yield server.TranscriptDelta(words, item_id, self.id, index)
        if sound:
            self.sent_ms += duration_ms
            if message.truncated_ms is None:  # else the client has said already where it ends
                message.audio_ms += duration_ms
            yield server.AudioDelta(sound, item_id, self.id, index)

    def call(self, name: str, arguments_json: str, call_id: str | None = None) -> Events:
        """Call a function. A message that is open ends before it, as completed."""
        if self.is_over:
            return
        yield from self._close_message("completed")
        call_id = call_id or self._conversation.free_call_id(self._ids)
        self.call_ids += (call_id,)
        entry = yield from self._open(Item("function_call", call_id=call_id, name=name, arguments=""))
        item_id, index = entry.item_id, self._index
        half = len(arguments_json) // 2
        for delta in filter(None, (arguments_json[:half], arguments_json[half:])):
            yield ArgumentsDelta(call_id, delta, item_id, self.id, index)
        yield server.ArgumentsDone(call_id, arguments_json, name, item_id, self.id, index)
        entry.change(arguments=arguments_json)
        yield from self._close(entry, "completed")

    def complete(self) -> Events:
        """All is said."""
        yield from self._end(Status.COMPLETED)

    def cancel(self, reason: str) -> Events:
        """Break off, because the client wants it: turn_detected, client_cancelled."""
        yield from self._end(Status.CANCELLED, reason)

    def stop_short(self, reason: str) -> Events:
        """Break off at a limit: max_output_tokens, content_filter."""
        yield from self._end(Status.INCOMPLETE, reason)

    def fail(self, code: str, message: str) -> Events:
        """Break off, for a reason on this side, before anything is said or in the middle of it."""
        if not self.is_over:
            self._failure = server.ErrorBody(message, code, code)
        yield from self._end(Status.FAILED, code)

    @property
    def _index(self) -> int:
        return len(self._output) - 1

    def _open_message(self) -> Events:
        self._message = yield from self._open(Item("message", role="assistant", content=[]))
        self._words = ""
        self.item_id = self._message.item_id
        yield server.ContentPartAdded(self.item_id, self._part(), self.id, self._index)

    def _close_message(self, status: str) -> Events:
        message, self._message = self._message, None
        if message is None:
            return
        item_id, words, index = message.item_id, self._words, self._index
        if self.in_text:
            yield TextDone(words, item_id, self.id, index)
        else:
            yield server.AudioDone(item_id, self.id, index)
            yield server.TranscriptDone(words, item_id, self.id, index)
        yield server.ContentPartDone(item_id, self._part(), self.id, index)
        if message.truncated_ms is None:  # else the words that were heard are in it already
            part = Part("output_text", text=words) if self.in_text else Part("output_audio", transcript=words)
            message.change(content=[part])
        yield from self._close(message, status)

    def _open(self, item: Item) -> Generator[server.ServerEvent, None, Entry]:
        item_id = self._conversation.free_id(self._ids)
        item = msgspec.structs.replace(item, id=item_id, status="in_progress", object=_OBJECT)
        entry, previous_item_id = self._conversation.add(item)
        self._output.append(entry)
        yield server.OutputItemAdded(item, self.id, self._index)
        yield server.ItemAdded(item, previous_item_id)
        return entry

    def _close(self, entry: Entry, status: str) -> Events:
        item = entry.change(status=status)
        yield server.OutputItemDone(item, self.id, self._index)
        yield server.ItemDone(item, self._conversation.previous_item_id(entry.item_id))

    def _end(self, status: Status, reason: str | None = None) -> Events:
        if self.is_over:
            return
        yield from self._close_message("completed" if status is Status.COMPLETED else "incomplete")
        self.status, self.reason = status, reason
        if status is not Status.FAILED:
            arguments = "".join(entry.item.arguments or "" for entry in self._output)
            output = Tokens(model_tokens(self.sent_ms), text_tokens(self.said) + text_tokens(arguments))
            self.usage = usage(self._context, self._cached, output)
        yield server.ResponseDone(self._response())

    def _response(self) -> server.Response:
        return server.Response(
            id=self.id,
            status=self.status.value,
            status_details=self._details(),
            output=[entry.item for entry in self._output],
            usage=self.usage,
            metadata=self._metadata,
            conversation_id=self._conversation.id,
            output_modalities=["text" if self.in_text else "audio"],
        )

    def _details(self) -> server.StatusDetails | None:
        match self.status:
            case Status.CANCELLED | Status.INCOMPLETE:
                return server.StatusDetails(self.status.value, self.reason)
            case Status.FAILED:
                return server.StatusDetails("failed", error=self._failure)
            case _:
                return None

    def _part(self) -> Part:
        return Part("text", text=self._words) if self.in_text else Part("audio", transcript=self._words)
