"""When which piece of a scripted reply is due. What goes out for it is the business of ``Response``.

Told the time; says what is due. Events are made one by one, as they are taken: whoever stops taking them in the middle
has cut the reply there.
"""

from collections.abc import Sequence
from math import inf

from offhook.loadtest.far_end.cuts import Piece
from offhook.loadtest.far_end.script import Reply
from offhook.realtime_server.conversation import Conversation
from offhook.realtime_server.ids import Ids
from offhook.realtime_server.response import Events, Response
from offhook.realtime_server.tokens import NO_TOKENS, Tokens
from offhook.wires.openai_realtime.asides import encode
from offhook.wires.openai_realtime.server_events import AudioDelta


class Speaking(Response):
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
        super().__init__(conversation, ids, in_text=in_text, metadata=metadata, context=context, cached=cached)
        self.reply = reply
        self._pieces = pieces
        self._first_at = first_at
        self._step_s = step_s
        self.step_ms = step_s * 1000
        """Between two deltas."""
        self._tool_calls = reply.tool_calls if calls_tools else ()
        self._sent = 0
        self._around: tuple[bytes, bytes] | None = None

    def deadline(self) -> float:
        """When ``due`` has something to say; inf once it is over."""
        return inf if self.is_over else self._first_at + self._sent * self._step_s

    @property
    def has_begun(self) -> bool:
        """Some of it is out."""
        return self._sent > 0

    @property
    def is_half_said(self) -> bool:
        """Half of the deltas, or more, are out."""
        return self._sent * 2 >= len(self._pieces)

    def due(self, now: float) -> Events:
        """Say what is due by ``now``; it ends together with its last delta."""
        pieces, endless = self._pieces, self.reply.endless
        while now >= self.deadline():
            if self._sent < len(pieces) or (endless and pieces):
                piece = pieces[self._sent % len(pieces)]
                words = piece.words if self._sent < len(pieces) else ""
                self._sent += 1
                yield from self.say(words, piece.audio, piece.duration_ms)
            if self._sent >= len(pieces) and not (endless and pieces):
                for call in self._tool_calls:
                    yield from self.call(call.name, call.arguments_json)
                yield from self.complete()

    def next_delta(self) -> bytes | None:
        """The next piece of sound as it goes out, due or not; None if it is the first or the last, or carries words.

        Those bring other events with them: ``due`` says them. This is the short way for all the others.
        """
        pieces, sent = self._pieces, self._sent
        if sent == 0 or self.is_over or self.in_text or (sent + 1 >= len(pieces) and not self.reply.endless):
            return None
        piece = pieces[sent % len(pieces)]
        if piece.words and sent < len(pieces):
            return None
        message = self._message
        if message is None:
            return None
        if self._around is None:
            self._around = self._envelope(message.item_id)
        head, tail = self._around
        self._sent = sent + 1
        self.sent_ms += piece.duration_ms
        if message.truncated_ms is None:
            message.audio_ms += piece.duration_ms
        return b'%b%b%b%d"}' % (head, piece.payload, tail, sent)

    def late(self, count: int) -> Events:
        """Deltas of what was broken off, as if they had been on their way. None if nothing had been said."""
        if self.item_id is None or self.in_text:
            return
        for at in range(count):
            piece = self._pieces[min(self._sent + at, len(self._pieces) - 1)]
            yield AudioDelta(piece.audio, self.item_id, self.id)

    def _envelope(self, item_id: str) -> tuple[bytes, bytes]:
        """What stands before and behind the sound in each delta; behind that comes its number."""
        empty = encode(AudioDelta(b"", item_id, self.id, self._index, event_id=f"event_{self.id}_"))
        before, mark, behind = empty.partition(b'"delta":"')
        return before + mark, behind.removesuffix(b'"}')
