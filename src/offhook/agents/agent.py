"""The agent: what answers the phone, as its author describes it."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, overload

from pydantic import Field

from offhook.agents.checked import Checked, spelt
from offhook.agents.destinations import Destination
from offhook.agents.handle import CallHandle
from offhook.agents.phrases import MAX_EXAMPLES, Example
from offhook.agents.policies import BargeIn, SilencePolicy, TurnDetection
from offhook.agents.tool import DEFAULT_TIMEOUT_S, Tool, ToolFunction
from offhook.errors import AgentError

END_CALL = "end_call"
TRANSFER_CALL = "transfer_call"
RESERVED_TOOL_NAMES = frozenset({END_CALL, TRANSFER_CALL})
"""Names of the built-in tools."""

APOLOGY = "I am sorry, we have a technical problem. Please call again a little later. Goodbye."

ON_CALL_TIMEOUT_S = 5.0
"""The caller waits in silence while the ``on_call`` handler runs, so it may not take longer."""

DigitHandler = Callable[[str, CallHandle], Coroutine[Any, Any, None]]
CallHandler = Callable[[CallHandle], Coroutine[Any, Any, str | None]]

_ToolT = TypeVar("_ToolT", bound=ToolFunction)
_DigitT = TypeVar("_DigitT", bound=DigitHandler)
_CallT = TypeVar("_CallT", bound=CallHandler)


@dataclass(frozen=True, kw_only=True, eq=False)
class Agent(Checked):
    """What answers the phone: instructions, voice, tools and manners.

    One agent serves all its calls at once, so it does not change after it was made; tools and handlers are added by
    its decorators. ``dataclasses.replace`` makes a variant with the same tools and handlers, which can get more.
    Raises AgentError for a value that is not right.

        agent = Agent(instructions="You answer the phone of a small restaurant. Be brief.")

        @agent.tool
        async def opening_hours(day: Literal["mon", "tue"]) -> str:
            \"\"\"When we are open on a day.\"\"\"
            return "from 11 to 22"
    """

    name: Annotated[str, spelt(r"[a-zA-Z0-9_.-]{1,64}", "it takes 1 to 64 letters, digits, _ . or -")] = "agent"
    """Tells agents apart in settings, logs and metrics."""

    instructions: Annotated[str, Field(max_length=50_000)] = ""
    """What the model is told about its task, at most 50,000 characters. Common indentation is taken off."""

    voice: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    """A voice of the engine, such as "marin"; None takes the engine's own."""

    engine: Annotated[str, spelt(r"[a-z0-9_-]{1,64}", "write it as in the settings, such as openai")] | None = None
    """Name of the engine, such as "openai"; None takes the gateway's setting."""

    greeting: Annotated[str, Field(max_length=2_000)] = ""
    """What the agent says first, at most 2,000 characters; "" waits for the caller to speak."""

    apology: Annotated[str, Field(min_length=1, max_length=2_000)] = APOLOGY
    """What the carrier's voice tells a caller for whom no engine can be had, before it hangs up."""

    language: Annotated[str, spelt(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "write its code, such as en or de-CH")] | None = (
        None
    )
    """Hint for transcription, such as "en" (BCP 47); None lets the engine find out."""

    turn_detection: TurnDetection = field(default_factory=TurnDetection)
    """When the caller's turn begins and ends."""

    barge_in: BargeIn = field(default_factory=BargeIn)
    """Whether a caller who speaks during a reply cuts it."""

    silence: SilencePolicy | None = field(default_factory=SilencePolicy)
    """What happens when nobody speaks. None is off, and a policy with ``after_s=0`` becomes None."""

    max_call_s: Annotated[float, Field(gt=0, le=86_400)] = 3_600.0
    """A call is ended after so many seconds, at most a day."""

    max_calls: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """So many calls at once on one worker; more are refused before they are answered. None: as many as it takes."""

    can_hang_up: bool = True
    """Offers the model the tool ``end_call``."""

    transfer_to: Sequence[Destination] = ()
    """Where the model may transfer a call to, with the tool ``transfer_call``: E.164 numbers or ``sip:user@host``."""

    examples: Annotated[Sequence[Example], Field(max_length=MAX_EXAMPLES)] = ()
    """Sentences callers say, such as "what can you do": at most 50, of 200 characters each. An engine without a model
    of its own listens for their words, and offers them to a caller it did not understand."""

    # Not for the constructor's callers: dataclasses.replace hands them over, so that a variant keeps its tools.
    _tools: dict[str, Tool] = field(default_factory=dict, repr=False)
    _handlers: dict[str, Callable[..., Any]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "instructions", inspect.cleandoc(self.instructions))
        object.__setattr__(self, "transfer_to", tuple(dict.fromkeys(self.transfer_to)))
        object.__setattr__(self, "examples", tuple(dict.fromkeys(self.examples)))
        if self.silence is not None and self.silence.after_s == 0:
            object.__setattr__(self, "silence", None)
        object.__setattr__(self, "_tools", dict(self._tools))
        object.__setattr__(self, "_handlers", dict(self._handlers))

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The tools added by the author, by name; not the built-in ones."""
        return MappingProxyType(self._tools)

    @overload
    def tool(self, function: _ToolT, /) -> _ToolT: ...

    @overload
    def tool(
        self, *, idempotent: bool = False, timeout_s: float = DEFAULT_TIMEOUT_S, phrases: Sequence[str] = ()
    ) -> Callable[[_ToolT], _ToolT]: ...

    def tool(
        self,
        function: ToolFunction | None = None,
        *,
        idempotent: bool = False,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        phrases: Sequence[str] = (),
    ) -> ToolFunction | Callable[[ToolFunction], ToolFunction]:
        """Offer an async function to the model; used as ``@agent.tool`` or ``@agent.tool(idempotent=True)``.

        Type hints and docstring describe the parameters; one annotated CallHandle receives the call. ``timeout_s``
        is at most 300. ``phrases`` are sentences with which callers ask for it, for an engine without a model of its
        own, such as ``("book a table for {guests} on {day}",)``: at most 50, and a blank in braces names a parameter.
        The function is returned unchanged. Raises AgentError if it cannot be a tool.
        """

        def add(function: ToolFunction) -> ToolFunction:
            tool = Tool.from_function(function, idempotent=idempotent, timeout_s=timeout_s, phrases=phrases)
            if tool.name in RESERVED_TOOL_NAMES:
                raise AgentError(f"agent {self.name}: {tool.name} is the name of a built-in tool; choose another")
            if tool.name in self._tools:
                raise AgentError(f"agent {self.name}: there are two tools named {tool.name}")
            self._tools[tool.name] = tool
            return function

        return add if function is None else add(function)

    def on_digit(self, handler: _DigitT) -> _DigitT:
        """Run ``async def handler(digit, call)`` for each key the caller presses: 0-9, ``*``, ``#``, A-D.

        Without it, the keys go to the model as text. Raises AgentError if it is not such a function, or the second.
        """
        self._add_handler("on_digit", handler, ("digit", "call"))
        return handler

    def on_call(self, handler: _CallT) -> _CallT:
        """Run ``async def handler(call)`` when a call starts, before the agent speaks.

        If it returns text, that is added to the instructions for this call. Raises AgentError if it is not such a
        function, or the second.
        """
        self._add_handler("on_call", handler, ("call",))
        return handler

    @property
    def digit_handler(self) -> DigitHandler | None:
        """What ``on_digit`` was given."""
        return self._handlers.get("on_digit")

    @property
    def call_handler(self) -> CallHandler | None:
        """What ``on_call`` was given."""
        return self._handlers.get("on_call")

    async def instructions_for(self, call: CallHandle) -> str:
        """The instructions for one call: those of the agent, then what the ``on_call`` handler adds, if anything.

        Raises TimeoutError after ON_CALL_TIMEOUT_S, AgentError if the handler returned something else than text or
        None, and whatever the handler raises.
        """
        if self.call_handler is None:
            return self.instructions
        async with asyncio.timeout(ON_CALL_TIMEOUT_S):
            extra: object = await self.call_handler(call)
        if extra is None:
            return self.instructions
        if not isinstance(extra, str):
            raise AgentError(f"agent {self.name}: on_call should return text or None, not {type(extra).__name__}")
        return "\n\n".join(part for part in (self.instructions, inspect.cleandoc(extra)) if part)

    def _add_handler(self, kind: str, handler: Callable[..., Any], arguments: tuple[str, ...]) -> None:
        shape = f"async def {kind}({', '.join(arguments)})"
        if not inspect.iscoroutinefunction(handler):
            raise AgentError(f"agent {self.name}: {kind} needs an async function, such as `{shape}`")
        try:
            inspect.signature(handler).bind(*arguments)
        except TypeError as error:
            raise AgentError(f"agent {self.name}: {kind} needs a function that takes {', '.join(arguments)}") from error
        if kind in self._handlers:
            raise AgentError(f"agent {self.name}: there are two {kind} handlers")
        self._handlers[kind] = handler
