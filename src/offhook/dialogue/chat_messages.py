"""A conversation as the messages of OpenAI's chat completions.

Notes and requests stand in brackets in the caller's messages and not in system messages, because the templates of many
open models take one system message, at the beginning, and want the other roles to take turns.
https://platform.openai.com/docs/api-reference/chat/create
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from offhook.dialogue.port import AgentTurn, CallerTurn, Entry, Note, Request, Role, ToolAnswered, ToolCalled

ENTRIES_LIMIT: Final = 200
"""Of a longer conversation, the last entries are told."""

TEXT_LIMIT_CHARS: Final = 8_000
"""Of one message; a longer one is cut."""

ON_THE_TELEPHONE: Final = (
    "You are on the telephone: what you write is spoken to the caller at once. Write one or two short sentences at a "
    "time, in plain words, without lists, links, emphasis or symbols. The caller's words come from a speech recogniser "
    "and may be misheard. What stands in brackets is not said by the caller but tells you what happens."
)
CALL_BEGINS: Final = "[The call begins.]"
NOT_UNDERSTOOD: Final = "[The caller said something that could not be understood.]"
NO_ANSWER_YET: Final = "There is no answer yet."


def messages(role: Role, history: Sequence[Entry], request: Request) -> list[dict[str, Any]]:
    """All messages of one request, the system message first."""
    system = "\n\n".join(part for part in (role.instructions, ON_THE_TELEPHONE) if part)
    told: list[dict[str, Any]] = [{"role": "system", "content": system}]
    for message in _turns(history[-ENTRIES_LIMIT:]):
        if len(told) == 1 and message["role"] != "user":
            told.append({"role": "user", "content": CALL_BEGINS})
        _add(told, message)
    if request.instructions:
        _add(told, _user(f"[For your next reply: {request.instructions}]"))
    if len(told) == 1:
        told.append({"role": "user", "content": CALL_BEGINS})
    return told


def tools(role: Role) -> list[dict[str, Any]]:
    """The tools as functions."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
        }
        for tool in role.tools
    ]


def _turns(history: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    answers = {entry.call_id: entry.output for entry in history if isinstance(entry, ToolAnswered)}
    at = 0
    while at < len(history):
        entry, at = history[at], at + 1
        match entry:
            case CallerTurn(text=text, in_domain=in_domain):
                yield _user(text if in_domain and text.strip() else NOT_UNDERSTOOD)
            case Note(text=text):
                yield _user(f"[{text}]")
            case AgentTurn() | ToolCalled():
                text = entry.text if isinstance(entry, AgentTurn) else ""
                calls = [entry] if isinstance(entry, ToolCalled) else []
                while at < len(history) and isinstance(following := history[at], ToolCalled):
                    calls.append(following)
                    at += 1
                yield from _agent(text, calls, answers)


def _agent(text: str, calls: Sequence[ToolCalled], answers: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What the agent said and called in one reply; an endpoint wants each call answered right behind it."""
    said: dict[str, Any] = {"role": "assistant", "content": text[:TEXT_LIMIT_CHARS]}
    if calls:
        said["tool_calls"] = [
            {
                "id": call.call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": _json(call.arguments)},
            }
            for call in calls
        ]
    if text or calls:
        yield said
    for call in calls:
        output = answers.get(call.call_id) or NO_ANSWER_YET
        yield {"role": "tool", "tool_call_id": call.call_id, "content": output[:TEXT_LIMIT_CHARS]}


def _json(arguments: str) -> str:
    """Arguments that are no JSON would be refused by the endpoint with the whole conversation."""
    try:
        json.loads(arguments)
    except ValueError:
        return "{}"
    return arguments


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text[:TEXT_LIMIT_CHARS]}


def _add(told: list[dict[str, Any]], message: dict[str, Any]) -> None:
    """Two turns of one side become one."""
    last = told[-1]
    same = last["role"] == message["role"] and message["role"] in ("user", "assistant")
    if same and "tool_calls" not in last and "tool_calls" not in message:
        last["content"] = f"{last['content']}\n{message['content']}"
    else:
        told.append(message)
