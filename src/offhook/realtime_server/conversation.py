"""The items of one session, in order.

A session lasts an hour and may come to many hundreds of items, so what every turn asks for (an item by its id, the one
before it, what it costs to read them all) is kept up to date and not counted anew.
"""

from collections import Counter
from dataclasses import dataclass

import msgspec

from offhook.audio.formats import AudioFormat
from offhook.realtime_server.ids import Ids
from offhook.realtime_server.refusal import EventError
from offhook.realtime_server.tokens import NO_TOKENS, Tokens, caller_tokens, model_tokens, text_tokens
from offhook.wires.openai_realtime.items import Item, Part

ROOT = "root"
"""As ``previous_item_id``: before all others."""

MAX_ITEMS = 2000
"""In one conversation. Beyond it a client may create no more; a turn or a reply makes room by dropping the oldest."""

MAX_ITEM_CHARACTERS = 128 * 1024
"""Of text in one item that a client creates."""

MAX_TEXT_TOKENS = 1_000_000
"""Of text in all items, as ``tokens`` counts it. Beyond it a client may create no more."""

MAX_PARTS = 64
"""In the content of one message that a client creates."""

MAX_NAME_CHARACTERS = 512
"""In the id and the other names of an item that a client creates."""

_CONTENT = {
    "user": frozenset({"input_text", "input_audio", "input_image"}),
    "system": frozenset({"input_text"}),
    "assistant": frozenset({"output_text"}),
}
"""What a client may put into a message, by role. Assistant sound is not in it."""


class Entry:
    """An item, and what its shape on the wire does not tell."""

    __slots__ = ("_audio_ms", "_changed", "counted", "item", "truncated_ms")

    def __init__(self, item: Item, audio_ms: float, changed: "set[Entry]") -> None:
        self.item = item
        self.truncated_ms: int | None = None
        """The caller heard only so much of this reply, the client said. None: it said nothing of the kind."""
        self.counted = NO_TOKENS
        """What of it the conversation's account has; for that account alone."""
        self._audio_ms = audio_ms
        self._changed = changed
        changed.add(self)

    @property
    def item_id(self) -> str:
        """Of the item; every entry has one."""
        return self.item.id or ""

    @property
    def audio_ms(self) -> float:
        """Sound in it: of the caller, or what was sent of a reply; cut by a truncation."""
        return self._audio_ms

    @audio_ms.setter
    def audio_ms(self, audio_ms: float) -> None:
        self._audio_ms = audio_ms
        self._changed.add(self)

    def change(self, **fields: object) -> Item:
        """Replace fields of the item, and return it. Its id, its role and its call stay."""
        self.item = msgspec.structs.replace(self.item, **fields)
        self._changed.add(self)
        return self.item


@dataclass(frozen=True, slots=True)
class Truncation:
    """A reply was cut because the caller did not hear all of it."""

    item_id: str
    content_index: int
    audio_end_ms: int
    audio_ms: float
    """Sound that the item had before."""
    at: float
    """When, on the session's clock, in seconds."""


class Conversation:
    """Items by order and by id."""

    def __init__(self, conversation_id: str) -> None:
        self.id = conversation_id
        self.entries: list[Entry] = []
        """In order; to be read, and changed only by the verbs below."""
        self._by_id: dict[str, Entry] = {}
        self._kinds: Counter[tuple[str, str]] = Counter()
        self._changed: set[Entry] = set()
        """Not yet in ``_total`` as they are now."""
        self._total = NO_TOKENS

    def add(self, item: Item, previous_item_id: str | None = None, audio_ms: float = 0.0) -> tuple[Entry, str | None]:
        """Put an item (with an id) in: at the end, or behind ``previous_item_id``. Return it, and its predecessor's id.

        When there are MAX_ITEMS already, the oldest is dropped. EventError if the id is taken, or the predecessor is
        not there.
        """
        item_id = item.id or ""
        if item_id in self._by_id:
            raise EventError(
                "item_create_duplicate_item_id",
                f"Item with id '{item_id}' already exists in the conversation.",
                "item.id",
            )
        if len(self.entries) >= MAX_ITEMS:
            self._remove(0)
        if previous_item_id is None:
            at = len(self.entries)
        elif previous_item_id == ROOT:
            at = 0
        else:
            at = self._position(previous_item_id, "item_create_invalid_previous_item_id", "previous_item_id") + 1
        entry = self._by_id[item_id] = Entry(item, audio_ms, self._changed)
        self._kinds[_kind(item)] += 1
        self.entries.insert(at, entry)
        return entry, self.entries[at - 1].item_id if at else None

    def find(self, item_id: str) -> Entry | None:
        """The entry of that id, or None."""
        return self._by_id.get(item_id)

    def free_id(self, ids: Ids) -> str:
        """The next id for an item that no item of the client's has taken."""
        while (item_id := ids("item")) in self._by_id:
            pass
        return item_id

    def free_call_id(self, ids: Ids) -> str:
        """The next id for a function call that no call replayed by the client has taken."""
        while self._kinds["function_call", call_id := ids("call")] or self.has_output(call_id):
            pass
        return call_id

    @property
    def last_item_id(self) -> str | None:
        """The id of the item at the end, or None."""
        return self.entries[-1].item_id if self.entries else None

    def previous_item_id(self, item_id: str) -> str | None:
        """The id of the item before that one, or None."""
        at = self._index(item_id)
        return self.entries[at - 1].item_id if at is not None and at > 0 else None

    def retrieve(self, item_id: str) -> Entry:
        """The entry of that id, or EventError."""
        return self.entries[self._position(item_id, "item_retrieve_invalid_item_id", "item_id")]

    def delete(self, item_id: str) -> None:
        """Take an item out, or raise EventError."""
        self._remove(self._position(item_id, "item_delete_invalid_item_id", "item_id"))

    def truncate(
        self, item_id: str, content_index: int, audio_end_ms: int, now: float, heard_text: str = ""
    ) -> Truncation:
        """Cut a reply's sound, and keep of its transcript only ``heard_text``: nothing, unless one knows the words.

        EventError: no such item, not a reply with sound, or shorter than that already.
        """
        entry = self.entries[self._position(item_id, "item_truncate_invalid_item_id", "item_id")]
        if entry.item.role != "assistant" or not entry.audio_ms:
            raise EventError("invalid_value", "Only model output audio messages can be truncated.", "item_id")
        if content_index != 0:
            raise EventError("invalid_value", f"No content part {content_index} in '{item_id}'.", "content_index")
        if audio_end_ms < 0:
            raise EventError("invalid_value", f"audio_end_ms is below 0: {audio_end_ms}.", "audio_end_ms")
        if audio_end_ms > entry.audio_ms:
            raise EventError(
                "invalid_value",
                f"Audio content of {entry.audio_ms:.0f}ms is already shorter than {audio_end_ms}ms",
                "audio_end_ms",
            )
        truncation = Truncation(item_id, content_index, audio_end_ms, entry.audio_ms, now)
        entry.audio_ms, entry.truncated_ms = float(audio_end_ms), audio_end_ms
        entry.change(content=[Part("output_audio", transcript=heard_text)])
        return truncation

    def has_output(self, call_id: str) -> bool:
        """Whether the client has told what that function call gave."""
        return self._kinds["function_call_output", call_id] > 0

    @property
    def has_begun(self) -> bool:
        """Whether the caller or the model has said anything, perhaps in an earlier session."""
        return self._kinds["message", "user"] > 0 or self._kinds["message", "assistant"] > 0

    def tokens(self) -> Tokens:
        """What it costs to read it all."""
        for entry in self._changed:
            now = _tokens(entry) if self._by_id.get(entry.item_id) is entry else NO_TOKENS
            self._total += now - entry.counted
            entry.counted = now
        self._changed.clear()
        return self._total

    def check(self, item: Item) -> None:
        """Raise EventError unless this is an item that a client may create, and there is room for it."""
        self._check_room(item)
        match item.type:
            case "message":
                self._check_message(item)
            case "function_call":
                for name in ("name", "call_id", "arguments"):
                    _require(getattr(item, name), name)
            case "function_call_output":
                _require(item.call_id, "call_id")
                _require(item.output, "output")
                if not self._kinds["function_call", item.call_id or ""]:
                    raise EventError(
                        "invalid_tool_call_id", f"Tool call ID '{item.call_id}' not found in conversation."
                    )
            case kind:
                raise EventError("invalid_value", f"Invalid value: '{kind}'.", "item.type")

    def _check_room(self, item: Item) -> None:
        for name in ("id", "name", "call_id", "status"):
            if len(getattr(item, name) or "") > MAX_NAME_CHARACTERS:
                raise EventError(
                    "string_above_max_length",
                    f"Invalid 'item.{name}': string too long. Expected a string with maximum length "
                    f"{MAX_NAME_CHARACTERS}.",
                    f"item.{name}",
                )
        if len(item.content or ()) > MAX_PARTS:
            raise EventError(
                "array_above_max_length", f"A message holds at most {MAX_PARTS} content parts.", "item.content"
            )
        if len(_text(item)) > MAX_ITEM_CHARACTERS:
            raise EventError(
                "string_above_max_length", f"An item holds at most {MAX_ITEM_CHARACTERS} characters of text.", "item"
            )
        if len(self.entries) >= MAX_ITEMS:
            raise EventError("conversation_full", f"A conversation holds at most {MAX_ITEMS} items.", "item")
        if self.tokens().text > MAX_TEXT_TOKENS:
            raise EventError(
                "conversation_full", f"A conversation holds at most {MAX_TEXT_TOKENS} tokens of text.", "item"
            )

    def _check_message(self, item: Item) -> None:
        if item.role not in _CONTENT:
            raise EventError("invalid_value", f"Invalid value: '{item.role}'.", "item.role")
        _require(item.content, "content")
        for at, part in enumerate(item.content or ()):
            if part.type not in _CONTENT[item.role]:
                raise EventError(
                    "invalid_value",
                    f"Invalid value: '{part.type}'. A message of role {item.role} takes "
                    f"{', '.join(sorted(_CONTENT[item.role]))}.",
                    f"item.content[{at}].type",
                )

    def _remove(self, at: int) -> None:
        entry = self.entries.pop(at)
        del self._by_id[entry.item_id]
        self._kinds[_kind(entry.item)] -= 1
        # Settled here and not when somebody asks: in a session that only listens, nobody does.
        self._changed.discard(entry)
        self._total -= entry.counted
        entry.counted = NO_TOKENS

    def _position(self, item_id: str, code: str, param: str) -> int:
        at = self._index(item_id)
        if at is None:
            raise EventError(code, f"Item with id '{item_id}' not found in the conversation.", param)
        return at

    def _index(self, item_id: str) -> int | None:
        """Where it stands. Asked of the last few items, as a rule, so the search begins at the end."""
        entry = self._by_id.get(item_id)
        if entry is None:
            return None
        return next(at for at in range(len(self.entries) - 1, -1, -1) if self.entries[at] is entry)


def sound_of(item: Item, form: AudioFormat) -> tuple[Item, float]:
    """Return an item that a client made, without the sound in it, and how many ms that sound lasts."""
    parts = item.content or []
    sound_ms = sum(form.duration_ms(len(part.audio)) for part in parts if part.audio)
    if not sound_ms:
        return item, 0.0
    return msgspec.structs.replace(item, content=[msgspec.structs.replace(p, audio=None) for p in parts]), sound_ms


def _require(value: object, name: str) -> None:
    if value is None:
        raise EventError("missing_required_parameter", f"Missing required parameter: 'item.{name}'.", f"item.{name}")


def _kind(item: Item) -> tuple[str, str]:
    """What is counted: messages by role, calls and their outputs by the call's id."""
    return item.type, (item.role if item.type == "message" else item.call_id) or ""


def _text(item: Item) -> str:
    """All words in it: text, transcripts, arguments, output."""
    parts = [word for part in item.content or () for word in (part.text, part.transcript)]
    return "".join(filter(None, [*parts, item.arguments, item.output]))


def _tokens(entry: Entry) -> Tokens:
    item = entry.item
    if entry.audio_ms:
        count = model_tokens if item.role == "assistant" else caller_tokens
        return Tokens(audio=count(entry.audio_ms))
    text = "".join([*(part.text or "" for part in item.content or ()), item.arguments or "", item.output or ""])
    return Tokens(text=text_tokens(text))
