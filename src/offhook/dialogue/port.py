"""The conversation as a dialogue is told of it, what it answers with, and the port that both dialogues fill.

The history belongs to the session, not to the dialogue: it holds what was heard, so a reply that was cut short is
shortened there, and a session that takes a call over hands its history to a new dialogue. A dialogue is asked for a
reply when one is due, and stops when its iterator is closed.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from offhook.dialogue.hints import NO_HINTS, Hints
from offhook.dialogue.state import State
from offhook.errors import OffhookError


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as it stands in the session; ``parameters`` is a JSON schema of type object."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Role:
    """All that a dialogue knows of the agent it speaks for."""

    instructions: str = ""
    tools: tuple[ToolSpec, ...] = ()
    hints: Hints = NO_HINTS


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """What the caller said, in words. ``in_domain`` is False if the recogniser does not believe them."""

    text: str
    in_domain: bool = True


@dataclass(frozen=True, slots=True)
class AgentTurn:
    """What the agent said: of a reply that was cut, what the caller heard."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """A tool was called. ``arguments`` is JSON text."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """What the tool answered; its call came before."""

    call_id: str
    output: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something the agent is told in passing: keys pressed, a line that broke."""

    text: str


Entry = CallerTurn | AgentTurn | ToolCalled | ToolAnswered | Note


@dataclass(frozen=True, slots=True)
class Request:
    """A reply is wanted."""

    instructions: str | None = None
    """For this reply alone, such as to greet the caller; it counts for more than what the caller said last."""
    tools: bool = True
    """False: in words only."""


@dataclass(frozen=True, slots=True)
class Words:
    """More words of the reply, to be spoken. They join as they are: a space between them is part of them."""

    text: str


@dataclass(frozen=True, slots=True)
class CallTool:
    """Call a tool. ``arguments`` is JSON text; from a model it may be broken."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Done:
    """The reply is complete; always the last. ``error`` was already spoken of, and is for the log."""

    usage: Mapping[str, Any] | None = None
    """Tokens, as the endpoint counts them."""
    error: OffhookError | None = None
    cut: bool = False
    """The reply was longer than is spoken, or than the endpoint allows."""


Act = Words | CallTool | Done

ANY_REPLY = Request()


class Dialogue(Protocol):
    """Decides what the agent says and does. One serves one session."""

    def reply(self, history: Sequence[Entry], request: Request = ANY_REPLY) -> AsyncGenerator[Act, None]:
        """The next reply to the conversation so far. Close the generator, or cancel its reader, to stop it.

        Whatever goes wrong is spoken of and told in Done; only cancellation passes through.
        """

    def awaits(self) -> State | None:
        """Where it stood when the last reply began: what the caller may say next follows from it. None if unknown."""
