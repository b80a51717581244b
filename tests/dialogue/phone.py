"""A call in text: what a session does with a dialogue, and with the real tools of an agent."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from tests.dialogue.desks import TODAY, role_of

from offhook.agents.agent import Agent
from offhook.agents.builtin import offered_tools
from offhook.agents.handle import CallHandle
from offhook.dialogue.port import (
    ANY_REPLY,
    AgentTurn,
    CallerTurn,
    CallTool,
    Dialogue,
    Done,
    Entry,
    Note,
    Request,
    ToolAnswered,
    ToolCalled,
    Words,
)
from offhook.dialogue.rules import Rules

ROUNDS_LIMIT = 4


class Phone:
    """A caller on the line with one agent."""

    call_id, direction, caller, dialled = "call-1", "inbound", "+4930111111", "+4930222222"
    metadata: Mapping[str, str] = {}

    def __init__(self, agent: Agent, dialogue: Dialogue | None = None, today: date = TODAY) -> None:
        self._tools = offered_tools(agent)
        self.dialogue: Dialogue = dialogue or Rules(role_of(agent), today=lambda: today)
        self.history: list[Entry] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        """The tools called, with their arguments."""
        self.done: list[Done] = []
        self.deeds: list[str] = []
        """What the tools did with the line."""

    async def says(self, text: str, *, in_domain: bool = True) -> str:
        """The caller says this; all that the agent answers, tools included."""
        self.history.append(CallerTurn(text, in_domain))
        return await self.replies()

    async def presses(self, keys: str) -> str:
        """The caller types this."""
        self.history.append(Note(f"The caller pressed these keys on the telephone: {keys}"))
        return await self.replies()

    async def replies(self, request: Request = ANY_REPLY) -> str:
        """The agent is asked for a reply."""
        said: list[str] = []
        for _ in range(ROUNDS_LIMIT):
            text, calls = "", []
            async for act in self.dialogue.reply(self.history, request):
                match act:
                    case Words(text=words):
                        text += words
                    case CallTool():
                        calls.append(act)
                    case Done():
                        self.done.append(act)
            if text:
                self.history.append(AgentTurn(text))
                said.append(text)
            for call in calls:
                await self._run(call)
            if not calls:
                break
            request = ANY_REPLY
        return " ".join(said)

    async def _run(self, call: CallTool) -> None:
        handle: CallHandle = self
        self.calls.append((call.name, json.loads(call.arguments)))
        self.history.append(ToolCalled(call.call_id, call.name, call.arguments))
        outcome = await self._tools[call.name].run(call.arguments, handle)
        self.history.append(ToolAnswered(call.call_id, outcome.output))

    async def hang_up(self) -> None:
        self.deeds.append("hung up")

    async def transfer(self, to: str) -> None:
        self.deeds.append(f"transferred to {to}")

    def tell(self, text: str) -> None:
        self.history.append(Note(text))
