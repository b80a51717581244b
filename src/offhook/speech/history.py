"""The conversation of a session, as a dialogue reads it."""

from collections.abc import Container, Iterable, Iterator

from offhook.dialogue.port import AgentTurn, CallerTurn, Entry, Note, ToolAnswered, ToolCalled
from offhook.realtime_server import conversation
from offhook.wires.openai_realtime.items import Item


def history(entries: Iterable[conversation.Entry], unanswered: Container[str] = ()) -> list[Entry]:
    """In order; but turns of the caller whose ids are in ``unanswered`` come last, because they are to be answered.

    A turn of the caller without words was not understood.
    """
    items = [entry.item for entry in entries]
    ordered = sorted(items, key=lambda item: item.id in unanswered)
    return [told for item in ordered for told in _told(item)]


def _told(item: Item) -> Iterator[Entry]:
    match item.type:
        case "message" if item.role == "user":
            text = text_of(item)
            yield CallerTurn(text, in_domain=bool(text))
        case "message" if item.role == "system":
            yield Note(text_of(item))
        case "message":
            if text := text_of(item):
                yield AgentTurn(text)
        case "function_call":
            yield ToolCalled(item.call_id or "", item.name or "", item.arguments or "")
        case "function_call_output":
            yield ToolAnswered(item.call_id or "", item.output or "")


def text_of(item: Item) -> str:
    """The words of a message, written or spoken."""
    return " ".join(words for part in item.content or () if (words := part.text or part.transcript))
