"""What was said and done on a call: a value that can be written down, carried elsewhere, and gone on with.

It is what a new engine session, or another worker, needs to go on, and what ``GET /api/calls/{id}`` shows. Entries are
frozen; a newer version of one takes its place. Times are milliseconds since the call began. It is bounded: texts are
cut at TEXT_LIMIT_CHARS, and above ENTRY_LIMIT or CHARS_LIMIT the oldest entries are let go and counted.
"""

from enum import StrEnum
from typing import Final

import msgspec

ENTRY_LIMIT: Final = 1000
TEXT_LIMIT_CHARS: Final = 8000
"""Of one text; the arguments and the output of a tool may have twice as much each."""
CHARS_LIMIT: Final = 200_000
"""Of all entries together. An hour of two people talking without a pause is about 60 000."""
ID_LIMIT_CHARS: Final = 128
"""The vendors' ids have about 30. What is longer cannot be kept, nor be looked up again."""


class ToolStatus(StrEnum):
    """Where a tool call stands."""

    INTENDED = "intended"
    """Written down before it runs. If nobody can say how it ended, it is not run again."""
    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"
    """The arguments were not valid, or the model called tools without end; it did not run."""


class CallerSaid(msgspec.Struct, frozen=True, tag="caller"):
    """A turn of the caller. ``text`` is None until, or unless, it is transcribed."""

    id: str
    text: str | None
    at_ms: int


class AgentSaid(msgspec.Struct, frozen=True, tag="agent"):
    """A turn of the agent, and how much of it was heard."""

    id: str
    text: str
    at_ms: int
    sound_ms: int = 0
    """How much sound there was."""
    heard_ms: int = 0
    """How much of it the caller heard."""
    cut: bool = False
    """The caller did not hear it to its end."""

    @property
    def heard_text(self) -> str:
        """The words heard: all, or of a cut reply the share that fits ``heard_ms``, at a word's end."""
        if not self.cut or self.sound_ms <= 0:
            return self.text if not self.cut else ""
        words = self.text.split(" ")
        return " ".join(words[: int(len(words) * min(1.0, self.heard_ms / self.sound_ms))])


class ToolUsed(msgspec.Struct, frozen=True, tag="tool"):
    """A tool call of the model. ``output`` is what the model was told."""

    id: str
    name: str
    arguments: str
    at_ms: int
    status: ToolStatus = ToolStatus.INTENDED
    output: str | None = None
    took_ms: int = 0


class Noted(msgspec.Struct, frozen=True, tag="note"):
    """Something the model was told in passing: keys pressed, a line that broke."""

    id: str
    text: str
    at_ms: int


Entry = CallerSaid | AgentSaid | ToolUsed | Noted


class Conversation(msgspec.Struct):
    """The entries of one call, in the order of the conversation."""

    entries: list[Entry] = []
    forgotten: int = 0
    """How many of the oldest entries were let go."""
    chars: int = 0
    """Of all entries together."""

    def put(self, entry: Entry) -> None:
        """Add an entry, or put a newer version of it in its place (same id, same kind)."""
        if len(entry.id) > ID_LIMIT_CHARS:
            self.forgotten += 1
            return
        entry = _cut(entry)
        for index in range(len(self.entries) - 1, -1, -1):
            known = self.entries[index]
            if known.id == entry.id and type(known) is type(entry):
                self.entries[index] = entry
                self.chars += _chars(entry) - _chars(known)
                break
        else:
            self.entries.append(entry)
            self.chars += _chars(entry)
        while len(self.entries) > ENTRY_LIMIT or self.chars > CHARS_LIMIT:
            self.chars -= _chars(self.entries.pop(0))
            self.forgotten += 1

    def find(self, entry_id: str) -> Entry | None:
        """The entry with that id. Looks from the end, where the living ones are."""
        return next((e for e in reversed(self.entries) if e.id == entry_id), None)

    @property
    def awaits_agent(self) -> bool:
        """The caller waits for an answer, or for the rest of one that was cut off."""
        last = self.entries[-1] if self.entries else None
        return isinstance(last, CallerSaid) or (isinstance(last, AgentSaid) and last.cut)

    def to_json(self) -> bytes:
        """Written down."""
        return msgspec.json.encode(self)

    @staticmethod
    def from_json(data: bytes) -> "Conversation":
        """Read back. Raises msgspec.DecodeError."""
        return msgspec.json.decode(data, type=Conversation)


def _chars(entry: Entry) -> int:
    if isinstance(entry, ToolUsed):
        return len(entry.arguments) + len(entry.output or "")
    return len(entry.text or "")


def _cut(entry: Entry) -> Entry:
    if isinstance(entry, ToolUsed):
        limit = 2 * TEXT_LIMIT_CHARS
        if len(entry.arguments) > limit or len(entry.output or "") > limit:
            output = entry.output[:limit] if entry.output is not None else None
            return msgspec.structs.replace(entry, arguments=entry.arguments[:limit], output=output)
    elif entry.text is not None and len(entry.text) > TEXT_LIMIT_CHARS:
        return msgspec.structs.replace(entry, text=entry.text[:TEXT_LIMIT_CHARS])
    return entry
