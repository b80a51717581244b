"""The line to an example: a call in text whose keys go where the gateway sends them."""

import importlib
import json
import sqlite3
from contextlib import closing
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tests.dialogue.phone import Phone
from tests.examples.phrasings import CALLER, EFFECTS, TODAY

from offhook.agents.agent import Agent
from offhook.agents.tool import ToolOutcome

NOISE = "~"
"""A turn of which the recogniser believes no word."""


def agent_of(example: str) -> Agent:
    """The agent of a module in ``offhook.examples``."""
    agent = importlib.import_module(f"offhook.examples.{example}").agent
    assert isinstance(agent, Agent)
    return agent


class Line(Phone):
    """A caller on the line with an example."""

    direction = "inbound"

    def __init__(self, example: str, *, caller: str = CALLER, today: date = TODAY) -> None:
        self._agent = agent_of(example)
        super().__init__(self._agent, today=today)
        self.caller = caller

    async def hears(self, *lines: str) -> str:
        """The answer to the last of these lines; keys are marked with ``#``."""
        answer = ""
        for line in lines:
            if line.startswith("#"):
                answer = await self.presses(line[1:])
            elif line == NOISE:
                answer = await self.says("", in_domain=False)
            else:
                answer = await self.says(line)
        return answer

    async def presses(self, keys: str) -> str:
        """Each key goes to the agent's handler, if it has one; else all of them to the dialogue."""
        if self._agent.digit_handler is None:
            return await super().presses(keys)
        for key in keys:
            await self._agent.digit_handler(key, self)
        return ""


def effects(example: str, file: Path) -> tuple[tuple[Any, ...], ...]:
    """What a call has left in the example's database."""
    if not file.exists():
        return ()
    with closing(sqlite3.connect(file)) as database:
        return tuple(database.execute(EFFECTS[example]).fetchall())


async def use(example: str, tool: str, *, caller: str = CALLER, **arguments: Any) -> ToolOutcome:
    """What a model is told that calls a tool with these arguments."""
    return await agent_of(example).tools[tool].run(json.dumps(arguments), _somebody(example, caller))


@cache
def _somebody(example: str, caller: str) -> Line:
    return Line(example, caller=caller)
