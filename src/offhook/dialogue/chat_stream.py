"""The chunks of a streamed chat completion, put together: words as they come, tool calls when they are whole.

https://platform.openai.com/docs/api-reference/chat-streaming, and what other servers make of it: tool calls without an
index, several under one index, whole arguments at once or as an object, thoughts between ``<think>`` marks.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from offhook.dialogue.port import CallTool

REPLY_LIMIT_CHARS: Final = 8_000
"""Words of one reply, about nine minutes of speech. What comes after is not read."""

CALLS_LIMIT: Final = 16
"""Tool calls of one reply."""

ARGUMENTS_LIMIT_CHARS: Final = 16_000
"""Of one tool call. Longer arguments are cut, and so refused by the tool."""

NAME_LIMIT_CHARS: Final = 64

_THOUGHTS_BEGIN: Final = "<think>"
_THOUGHTS_END: Final = "</think>"


@dataclass(slots=True)
class _Call:
    index: Any
    call_id: str
    name: str
    arguments: str


class Completion:
    """One reply in the making."""

    def __init__(self) -> None:
        self.usage: Mapping[str, Any] | None = None
        self.finish_reason: str | None = None
        self.cut = False
        """More came than is read."""
        self._spoken_chars = 0
        self._calls: list[_Call] = []
        self._thoughts = _Thoughts()

    def feed(self, chunk: Any) -> str:
        """The words in one chunk, already parsed. What is not as it should be is left out."""
        if not isinstance(chunk, Mapping):
            return ""
        if isinstance(usage := chunk.get("usage"), Mapping):
            self.usage = usage
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, Mapping):
            return ""
        if isinstance(reason := choice.get("finish_reason"), str):
            self.finish_reason = reason
        delta = choice.get("delta") or choice.get("message")  # a whole message, from a server that does not stream
        if not isinstance(delta, Mapping):
            return ""
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            self._add_call(call)
        return self._limited(self._thoughts.leave_out(_text(delta.get("content")) or _text(delta.get("refusal"))))

    def end(self) -> str:
        """The words that were held back."""
        self.cut = self.cut or self.finish_reason == "length"
        return self._limited(self._thoughts.rest())

    def tool_calls(self, new_id: str) -> list[CallTool]:
        """The tool calls, when the reply is complete. ``new_id`` begins the ids of those without one."""
        return [
            CallTool(call.call_id or f"{new_id}_{number}", call.name[:NAME_LIMIT_CHARS], call.arguments or "{}")
            for number, call in enumerate(self._calls)
            if call.name
        ]

    def _limited(self, text: str) -> str:
        room = REPLY_LIMIT_CHARS - self._spoken_chars
        if len(text) > room:
            text, self.cut = text[:room], True
        self._spoken_chars += len(text)
        return text

    def _add_call(self, delta: Any) -> None:
        if not isinstance(delta, Mapping):
            return
        function = delta.get("function")
        if not isinstance(function, Mapping):
            function = {}
        call_id, name = _text(delta.get("id")), _text(function.get("name"))
        call = self._open_call(delta.get("index"), call_id, name)
        if call is None:
            return
        arguments = function.get("arguments")
        text = json.dumps(arguments) if isinstance(arguments, Mapping) else _text(arguments)
        call.arguments = (call.arguments + text)[:ARGUMENTS_LIMIT_CHARS]

    def _open_call(self, index: Any, call_id: str, name: str) -> _Call | None:
        """The call that a piece belongs to; a new id, or a name where there is one already, begins another."""
        if index is None and not call_id and not name:
            return self._calls[-1] if self._calls else None
        for call in reversed(self._calls):
            same_index = index is not None and call.index == index
            same_id = bool(call_id) and call.call_id == call_id
            if same_id or (same_index and (not call_id or not call.call_id) and (not name or not call.name)):
                call.call_id, call.name = call.call_id or call_id, call.name or name
                return call
        if len(self._calls) >= CALLS_LIMIT:
            self.cut = True
            return None
        self._calls.append(_Call(index, call_id, name, ""))
        return self._calls[-1]


class _Thoughts:
    """Leaves out what a model thinks aloud before it answers."""

    def __init__(self) -> None:
        self._held = ""
        self._state = "before"

    def leave_out(self, text: str) -> str:
        if self._state == "after":
            return text
        if self._state == "blank":
            return self._let_go(text.lstrip()) if text.strip() else ""
        self._held += text
        if self._state == "before":
            begun = self._held.lstrip()
            if not begun.startswith(_THOUGHTS_BEGIN):
                if _THOUGHTS_BEGIN.startswith(begun):
                    return ""  # too early to tell
                return self._let_go(self._held)
            self._state = "within"
        end = self._held.find(_THOUGHTS_END)
        if end >= 0:
            rest, self._held, self._state = self._held[end + len(_THOUGHTS_END) :], "", "blank"
            return self.leave_out(rest)
        self._held = self._held[: len(_THOUGHTS_BEGIN)] + self._held[-len(_THOUGHTS_END) :]
        return ""

    def rest(self) -> str:
        return self._let_go(self._held) if self._state == "before" else ""

    def _let_go(self, text: str) -> str:
        self._held, self._state = "", "after"
        return text


def _text(value: Any) -> str:
    """Text, or the text of a list of parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, Mapping))
    return ""
