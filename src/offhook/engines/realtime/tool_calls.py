"""The tool calls of a reply. Servers name each as an item of its own, or in the finished reply, or in both."""

from collections.abc import Iterator

from offhook.calls.engine import ToolWanted
from offhook.wires.openai_realtime.items import Item
from offhook.wires.openai_realtime.server_events import Response


class ToolCalls:
    """Those of the reply that is being made, each once."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: set[str] = set()

    def called(self, response_id: str, item: Item) -> ToolWanted | None:
        """An item is done. Return the call if it is one, complete and not known yet."""
        if item.type != "function_call" or item.call_id is None or item.name is None or item.call_id in self._known:
            return None
        self._known.add(item.call_id)
        return ToolWanted(response_id, item.call_id, item.name, item.arguments or "")

    def done(self, response: Response) -> Iterator[ToolWanted]:
        """The reply is done: its calls that only now are named. Of one that was cut, none is to be made."""
        if response.status == "completed":
            for item in response.output or ():
                if (wanted := self.called(response.id, item)) is not None:
                    yield wanted
        self._known.clear()
