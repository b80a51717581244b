"""The caller's turns: each is an item at once, and its words come a little later."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

import msgspec

from offhook.audio.formats import AudioFormat
from offhook.errors import RecogniserError
from offhook.realtime_server.conversation import Conversation, sound_of
from offhook.realtime_server.ids import Ids
from offhook.realtime_server.refusal import EventError
from offhook.realtime_server.response import Events
from offhook.recognisers.port import Heard
from offhook.speech.hearing import Words
from offhook.wires.openai_realtime import server_events as server
from offhook.wires.openai_realtime.items import Item, Part

LONGEST_RECORDING_MS: Final = 30_000
"""Of sound in an item that a client makes: it is worked on all at once."""

WORDS_WITHIN_S: Final = 15.0
"""A reply waits so long for the words of a turn. They take some milliseconds, and five seconds if a thread hangs."""


class Turns:
    """What the caller said, and what a client says in their name.

    ``tell`` takes the events. ``lost`` is told of a recogniser that has failed; one that has too much to do costs a
    turn its words, and no more.
    """

    def __init__(
        self,
        conversation: Conversation,
        ids: Ids,
        *,
        tell: Callable[[Events], None],
        lost: Callable[[BaseException], None],
    ) -> None:
        self.is_transcribed = False
        """The client wants to read what was said."""
        self._conversation = conversation
        self._ids = ids
        self._tell = tell
        self._lost = lost
        self._begun_id: str | None = None
        self._unknown: dict[str, Words] = {}

    def begin(self) -> str:
        """The caller speaks. Return the id of what will be an item when they stop."""
        self._begun_id = self._conversation.free_id(self._ids)
        return self._begun_id

    def end(self, start_ms: int, end_ms: int, words: Words) -> str:
        """The caller has stopped. Return the id of their turn's item."""
        item_id = self._begun_id or self.begin()
        self._tell(iter([server.SpeechStopped(item_id, end_ms)]))
        return self.take(end_ms - start_ms, words)

    def take(self, duration_ms: float, words: Words) -> str:
        """This was a turn, whoever says so. Return the id of its item."""
        item_id, self._begun_id = self._begun_id or self.begin(), None
        if self._conversation.find(item_id) is not None:  # a client has taken it meanwhile
            item_id = self._conversation.free_id(self._ids)
        self._tell(iter([server.Committed(item_id, self._conversation.last_item_id)]))
        self._enter(Item("message", item_id, "user", [Part("input_audio")], status="completed"), None, duration_ms)
        self._recognise(item_id, duration_ms, words)
        return item_id

    def create(
        self, item: Item, after_item_id: str | None, form: AudioFormat, listen: Callable[[bytes, AudioFormat], Words]
    ) -> None:
        """Put an item of the client's in. ``listen`` is asked for the words, if there is sound. EventError."""
        self._conversation.check(item)
        sound = b"".join(part.audio for part in item.content or () if part.audio and part.type == "input_audio")
        item, sound_ms = sound_of(item, form)
        if sound_ms > LONGEST_RECORDING_MS:
            reason = f"{sound_ms:.0f}ms of audio; an item holds at most {LONGEST_RECORDING_MS}ms"
            raise EventError("invalid_value", reason, "item.content")
        item_id = item.id or self._conversation.free_id(self._ids)
        item = msgspec.structs.replace(item, id=item_id, status=item.status or "completed")
        self._enter(item, after_item_id, sound_ms if sound else 0.0)
        if sound:
            self._recognise(item_id, sound_ms, listen(sound, form))

    async def known(self) -> None:
        """Wait until the words of all turns are in the conversation. RecogniserError if they do not come."""
        while self._unknown:  # another turn may end meanwhile
            _, late = await asyncio.wait(list(self._unknown.values()), timeout=WORDS_WITHIN_S)
            if late:
                raise RecogniserError("turns", f"no words within {WORDS_WITHIN_S:g} s", code="lost")

    def _enter(self, item: Item, after_item_id: str | None, audio_ms: float) -> None:
        item = msgspec.structs.replace(item, object="realtime.item")
        entry, previous_item_id = self._conversation.add(item, after_item_id, audio_ms)
        self._tell(
            iter([server.ItemAdded(entry.item, previous_item_id), server.ItemDone(entry.item, previous_item_id)])
        )

    def _recognise(self, item_id: str, duration_ms: float, words: Words) -> None:
        self._unknown[item_id] = words
        words.add_done_callback(partial(self._recognised, item_id, duration_ms))

    def _recognised(self, item_id: str, duration_ms: float, words: Words) -> None:
        self._unknown.pop(item_id, None)
        if words.cancelled():
            return
        error = words.exception()
        if error is None:
            self._tell(self._understood(item_id, duration_ms, words.result()))
        elif isinstance(error, RecogniserError) and error.code == "overloaded":
            body = server.ErrorBody(str(error), type="server_error", code=error.code)
            self._tell(iter([server.InputTranscriptFailed(item_id, body)] if self.is_transcribed else ()))
        else:
            self._lost(error)

    def _understood(self, item_id: str, duration_ms: float, heard: Heard) -> Events:
        text = heard.text if heard.in_domain else ""
        entry = self._conversation.find(item_id)
        if entry is None:  # deleted meanwhile
            return
        entry.change(content=list(_with_words(entry.item.content or (), text)))
        if self.is_transcribed:
            if text:
                yield server.InputTranscriptDelta(item_id, text)
            yield server.InputTranscript(item_id, text, usage={"type": "duration", "seconds": duration_ms / 1000})


def _with_words(content: Iterable[Part], text: str) -> Iterable[Part]:
    for part in content:
        if part.type == "input_audio":
            yield msgspec.structs.replace(part, transcript=text)
            text = ""
        else:
            yield part
