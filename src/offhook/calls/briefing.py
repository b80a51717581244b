"""What an engine is told of an agent, for a call that has begun or for one that may come."""

from collections.abc import Iterable

from offhook.agents.agent import Agent
from offhook.agents.tool import Tool
from offhook.audio.formats import AudioFormat
from offhook.calls.conversation import Entry
from offhook.calls.engine import Brief, ToolSpec


def brief_of(
    agent: Agent,
    tools: Iterable[Tool],
    *,
    call_id: str,
    audio: AudioFormat,
    instructions: str,
    history: tuple[Entry, ...] = (),
    running_tools: frozenset[str] = frozenset(),
) -> Brief:
    """``instructions`` are the agent's, with what was added for this call; ``tools`` are those that it may use."""
    return Brief(
        call_id=call_id,
        instructions=instructions,
        audio=audio,
        voice=agent.voice,
        language=agent.language,
        tools=tuple(ToolSpec(tool.name, tool.description, tool.parameters, tuple(tool.phrases)) for tool in tools),
        turn_detection=agent.turn_detection,
        interrupt_itself=agent.barge_in.allowed and agent.barge_in.hold_ms == 0,
        history=history,
        running_tools=running_tools,
        greeting=agent.greeting,
        examples=tuple(agent.examples),
    )
