"""What an engine also says, and no bridge acts on: answers to a client's housekeeping, and replies in text.

A server that stands in for an engine writes these; ``server_events.parse`` skips them.
"""

import msgspec

from offhook.wires.openai_realtime.items import Item
from offhook.wires.openai_realtime.server_events import ServerEvent


class _Event(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class ConversationBody(msgspec.Struct, frozen=True):
    """The one conversation of a session."""

    id: str
    object: str = "realtime.conversation"


class ConversationCreated(_Event, frozen=True, tag="conversation.created"):
    """Comes right behind session.created."""

    conversation: ConversationBody
    event_id: str = ""


class InputCleared(_Event, frozen=True, tag="input_audio_buffer.cleared"):
    """What was appended is forgotten."""

    event_id: str = ""


class ItemDeleted(_Event, frozen=True, tag="conversation.item.deleted"):
    """An item is out of the conversation."""

    item_id: str
    event_id: str = ""


class ItemRetrieved(_Event, frozen=True, tag="conversation.item.retrieved"):
    """An item as the engine has it."""

    item: Item
    event_id: str = ""


class TextDelta(_Event, frozen=True, tag="response.output_text.delta"):
    """Some more of a reply in text."""

    delta: str
    item_id: str
    response_id: str
    output_index: int = 0
    content_index: int = 0
    event_id: str = ""


class TextDone(_Event, frozen=True, tag="response.output_text.done"):
    """All of a reply in text."""

    text: str
    item_id: str
    response_id: str
    output_index: int = 0
    content_index: int = 0
    event_id: str = ""


class ArgumentsDelta(_Event, frozen=True, tag="response.function_call_arguments.delta"):
    """Some more of a function call's arguments."""

    call_id: str
    delta: str
    item_id: str
    response_id: str
    output_index: int = 0
    event_id: str = ""


Aside = ConversationCreated | InputCleared | ItemDeleted | ItemRetrieved | TextDelta | TextDone | ArgumentsDelta


def encode(event: ServerEvent | Aside) -> bytes:
    """Write any event of a server, as an engine would send it (GA spelling)."""
    return msgspec.json.encode(event)
