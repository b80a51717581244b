"""What comes with Offhook: the tools that end and transfer a call, and the agent that answers when none was written."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final, Literal

from offhook.agents.agent import END_CALL, TRANSFER_CALL, Agent
from offhook.agents.handle import CallHandle
from offhook.agents.tool import Tool

TRANSFER_TOOLS_KEPT: Final = 64
"""For so many different sets of destinations the tool is made once; more agents than that are not usual."""

BUILTIN_TIMEOUT_S = 60.0
"""Hanging up and transferring wait until the caller has heard the goodbye, and for the carrier's word."""


def offered_tools(agent: Agent) -> Mapping[str, Tool]:
    """All tools that the model of this agent's calls is shown, by name: the author's, then the built-in ones."""
    return {**agent.tools, **builtin_tools(agent)}


def builtin_tools(agent: Agent) -> Mapping[str, Tool]:
    """The built-in tools that ``agent`` allows, by name."""
    tools: dict[str, Tool] = {}
    if agent.can_hang_up:
        tools[END_CALL] = _end_call_tool()
    if agent.transfer_to:
        tools[TRANSFER_CALL] = _transfer_call_tool(tuple(agent.transfer_to))
    return tools


# Each call asks for them, and a tool takes half a millisecond to make: its parameters become a model with a schema.


@cache
def _end_call_tool() -> Tool:
    async def end_call(call: CallHandle) -> str:
        """Hang up. Say goodbye first, in the same turn, and use this when the caller wants to end the call or all is
        settled; never in the middle of a question.
        """
        await call.hang_up()
        return "The call has ended."

    return Tool.from_function(end_call, idempotent=True, timeout_s=BUILTIN_TIMEOUT_S)


@lru_cache(TRANSFER_TOOLS_KEPT)
def _transfer_call_tool(destinations: tuple[str, ...]) -> Tool:
    async def transfer_call(to: str, call: CallHandle) -> str:
        """Connect the caller to another person or place, after which you are no longer on the line. Say first, in the
        same turn, to whom you are connecting.

        Args:
            to: where to connect the caller to
        """
        await call.transfer(to)
        return f"The caller has been connected to {to}."

    allowed: Any = Literal
    transfer_call.__annotations__["to"] = allowed[destinations]
    return Tool.from_function(transfer_call, timeout_s=BUILTIN_TIMEOUT_S)


DEFAULT_AGENT = Agent(
    name="assistant",
    instructions="""
        You are a friendly assistant who talks with people on the telephone.
        Speak the language of the caller. Say one or two short sentences at a time, in everyday words, and then let
        the caller speak. Never read out lists, links or symbols; say numbers and times the way people say them.
        When you did not understand, say so and ask. When you do not know something, say that you do not know.
        You cannot look things up, book or buy anything, so do not promise it.
        When the caller says goodbye, say goodbye and end the call.
    """,
    greeting="Hello! How can I help you?",
)
"""The agent that ``offhook serve`` serves when it is given no module."""
