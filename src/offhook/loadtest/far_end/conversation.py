"""The items of one session, in order."""

from dataclasses import dataclass

import msgspec

from offhook.audio.formats import AudioFormat
from offhook.loadtest.far_end.refusal import EventError
from offhook.loadtest.far_end.tokens import NO_TOKENS, Tokens, caller_tokens, model_tokens, text_tokens
from offhook.wires.openai_realtime.items import Item, Part

ROOT = "root"
"""As ``previous_item_id``: before all others."""

_CONTENT = {
    "user": frozenset({"input_text", "input_audio", "input_image"}),
    "system": frozenset({"input_text"}),
    "assistant": frozenset({"output_text"}),
}
"""What a client may put into a message, by role. Assistant sound is not in it."""


@dataclass(slots=True)
class Entry:
    """An item, and what its shape on the wire does not tell."""

    item: Item
    audio_ms: float = 0.0
    """Sound in it: of the caller, or what was sent of a reply; cut by a truncation."""
    truncated_ms: int | None = None
    """The caller heard only so much of this reply, the client said. None: it said nothing of the kind."""

    @property
    def item_id(self) -> str:
        """Of the item; every entry has one."""
        return self.item.id or ""

    def change(self, **fields: object) -> Item:
        """Replace fields of the item, and return it."""
        self.item = msgspec.structs.replace(self.item, **fields)
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

    def add(self, item: Item, previous_item_id: str | None = None, audio_ms: float = 0.0) -> tuple[Entry, str | None]:
        """Put an item (with an id) in: at the end, or behind ``previous_item_id``. Return it, and its predecessor's id.

        EventError if the id is taken, or the predecessor is not there.
        """
        entry = Entry(item, audio_ms)
        if self.find(entry.item_id) is not None:
            raise EventError(
                "item_create_duplicate_item_id",
                f"Item with id '{item.id}' already exists in the conversation.",
                "item.id",
            )
        if previous_item_id is None:
            at = len(self.entries)
        elif previous_item_id == ROOT:
            at = 0
        else:
            at = self._position(previous_item_id, "item_create_invalid_previous_item_id", "previous_item_id") + 1
        self.entries.insert(at, entry)
        return entry, self.entries[at - 1].item_id if at else None

    def find(self, item_id: str) -> Entry | None:
        """The entry of that id, or None."""
        return next((entry for entry in self.entries if entry.item.id == item_id), None)

    @property
    def last_item_id(self) -> str | None:
        """The id of the item at the end, or None."""
        return self.entries[-1].item_id if self.entries else None

    def previous_item_id(self, item_id: str) -> str | None:
        """The id of the item before that one, or None."""
        at = next((i for i, entry in enumerate(self.entries) if entry.item.id == item_id), 0)
        return self.entries[at - 1].item_id if at else None

    def retrieve(self, item_id: str) -> Entry:
        """The entry of that id, or EventError."""
        return self.entries[self._position(item_id, "item_retrieve_invalid_item_id", "item_id")]

    def delete(self, item_id: str) -> None:
        """Take an item out, or raise EventError."""
        del self.entries[self._position(item_id, "item_delete_invalid_item_id", "item_id")]

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int, now: float) -> Truncation:
        """Cut a reply's sound, and delete its transcript, since nobody knows which words were heard.

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
        entry.change(content=[Part("output_audio", transcript="")])
        return truncation

    def has_output(self, call_id: str) -> bool:
        """Whether the client has told what that function call gave."""
        return any(e.item.type == "function_call_output" and e.item.call_id == call_id for e in self.entries)

    @property
    def has_begun(self) -> bool:
        """Whether the caller or the model has said anything, perhaps in an earlier session."""
        return any(entry.item.role in ("user", "assistant") for entry in self.entries)

    def tokens(self) -> Tokens:
        """What it costs to read it all."""
        return sum((_tokens(entry) for entry in self.entries), NO_TOKENS)

    def check(self, item: Item) -> None:
        """Raise EventError unless this is an item that a client may create."""
        match item.type:
            case "message":
                self._check_message(item)
            case "function_call":
                for name in ("name", "call_id", "arguments"):
                    _require(getattr(item, name), name)
            case "function_call_output":
                _require(item.call_id, "call_id")
                _require(item.output, "output")
                if not any(e.item.type == "function_call" and e.item.call_id == item.call_id for e in self.entries):
                    raise EventError(
                        "invalid_tool_call_id", f"Tool call ID '{item.call_id}' not found in conversation."
                    )
            case kind:
                raise EventError("invalid_value", f"Invalid value: '{kind}'.", "item.type")

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

    def _position(self, item_id: str, code: str, param: str) -> int:
        for at, entry in enumerate(self.entries):
            if entry.item.id == item_id:
                return at
        raise EventError(code, f"Item with id '{item_id}' not found in the conversation.", param)


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


def _tokens(entry: Entry) -> Tokens:
    item = entry.item
    if entry.audio_ms:
        count = model_tokens if item.role == "assistant" else caller_tokens
        return Tokens(audio=count(entry.audio_ms))
    text = "".join([*(part.text or "" for part in item.content or ()), item.arguments or "", item.output or ""])
    return Tokens(text=text_tokens(text))
