"""A function that the model may call during a conversation, and what it is told of the outcome."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import Enum
from inspect import iscoroutinefunction
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import to_json

from offhook.agents.faults import faults
from offhook.agents.handle import CallHandle
from offhook.agents.phrases import read_phrases
from offhook.agents.schema import Parameters, read_function
from offhook.agents.signature import function_name
from offhook.errors import AgentError, CallRefused

ToolFunction = Callable[..., Coroutine[Any, Any, Any]]

DEFAULT_TIMEOUT_S = 15.0
"""A caller does not wait longer than this in silence."""

MAX_TIMEOUT_S = 300.0

MAX_ARGUMENTS_CHARS = 16_384
"""Longer JSON from the model is not read."""

MAX_OUTPUT_CHARS = 8_000
"""The model is told no more than this, the note that it was cut included: about 2,000 tokens."""

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # of function tools: platform.openai.com/docs/api-reference/realtime


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """How one call of a tool ended."""

    output: str
    """What the model is told, at most MAX_OUTPUT_CHARS characters."""

    status: Literal["done", "failed", "timed_out", "refused"]
    """``refused``: nothing was done, because the arguments were not right, or the call did not allow it."""

    error: BaseException | None = None
    """What went wrong, for the log alone. It may be set when the status is ``done``: the result could not be told."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function with a name, as the model sees it."""

    name: str
    description: str
    """When and how to use it: the docstring without its sections."""
    function: ToolFunction
    arguments: Parameters
    idempotent: bool = False
    """May be run again when nobody knows whether it ran."""
    timeout_s: float = DEFAULT_TIMEOUT_S
    phrases: Sequence[str] = ()
    """Sentences with which callers ask for it; ``{name}`` stands for what they say for that parameter."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise AgentError(f"tool {self.name!r}: a name has 1 to 64 characters out of a-z, A-Z, 0-9, _ and -")
        if isinstance(self.timeout_s, bool) or not isinstance(self.timeout_s, int | float):
            raise AgentError(f"tool {self.name}: timeout_s should be a number of seconds, not {self.timeout_s!r}")
        if not 0 < self.timeout_s <= MAX_TIMEOUT_S:
            raise AgentError(
                f"tool {self.name}: timeout_s should be above 0 and at most {MAX_TIMEOUT_S:g}, not {self.timeout_s}"
            )
        object.__setattr__(self, "phrases", read_phrases(self.name, self.phrases, self.parameters["properties"]))

    @classmethod
    def from_function(
        cls,
        function: ToolFunction,
        *,
        idempotent: bool = False,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        phrases: Sequence[str] = (),
    ) -> "Tool":
        """Make a tool of an async function: its name, docstring and type hints say all that the model needs.

        Raises AgentError, naming the function, if it is not async, has a parameter that a model cannot fill in, or a
        phrase with a blank that is none of its parameters.
        """
        name = function_name(function)
        if not iscoroutinefunction(function):
            raise AgentError(f"{name} cannot be a tool: it must be a function that begins with `async def`")
        description, arguments = read_function(function)
        return cls(
            name=name,
            description=description,
            function=function,
            arguments=arguments,
            idempotent=bool(idempotent),
            timeout_s=timeout_s,
            phrases=phrases,
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """JSON schema of the arguments, of type object."""
        return self.arguments.schema

    async def run(self, arguments_json: str, call: CallHandle) -> ToolOutcome:
        """Run the function with what the model sent.

        Whatever goes wrong is spoken of in the outcome and not raised. Only the cancellation of the caller's own task,
        and KeyboardInterrupt, pass through.
        """
        if len(arguments_json) > MAX_ARGUMENTS_CHARS:
            told = f"they have {len(arguments_json)} characters, and at most {MAX_ARGUMENTS_CHARS} are read"
            return self._refused(told, None)
        try:
            # A model sends nothing at all for a tool without parameters. Half characters would not pass as UTF-8.
            arguments = self.arguments.read(_whole_characters(arguments_json).strip() or "{}")
        except ValidationError as error:
            return self._refused("; ".join(faults(error)), error)
        except Exception as error:  # a validator of the user's own types may raise anything
            return ToolOutcome(f"{self.name} could not read its arguments, so nothing was done.", "failed", error)
        arguments.update(dict.fromkeys(self.arguments.call_names, call))
        return await self._run(arguments)

    async def _run(self, arguments: dict[str, Any]) -> ToolOutcome:
        try:
            async with asyncio.timeout(self.timeout_s) as limit:
                result = await self.function(**arguments)
        except asyncio.CancelledError as error:
            if _being_cancelled():
                raise
            return self._failed(error)  # something that the function waited for was cancelled, not this call of it
        except CallRefused as refusal:  # of hang_up or transfer: nothing was done, and the model may know why
            return ToolOutcome(f"{self.name} was not carried out: {refusal.reason}.", "refused", refusal)
        except (Exception, SystemExit) as error:  # SystemExit would end the worker, and with it everyone's calls
            return self._timed_out(error) if limit.expired() else self._failed(error)
        try:
            return ToolOutcome(_cut(_text(result)), "done")
        except Exception as error:  # whatever a user's object does when it is written as JSON
            return ToolOutcome(f"{self.name} was carried out, but its result cannot be told.", "done", error)

    def _refused(self, told: str, error: Exception | None) -> ToolOutcome:
        output = (
            f"{self.name} was not carried out, because its arguments are not right: {told}. "
            "Correct them, and ask the caller for what you do not know."
        )
        return ToolOutcome(_cut(output), "refused", error)

    def _failed(self, error: BaseException) -> ToolOutcome:
        return ToolOutcome(f"{self.name} failed. {self._advice()}", "failed", error)

    def _timed_out(self, error: BaseException) -> ToolOutcome:
        output = f"{self.name} took longer than {self.timeout_s:g} seconds and was stopped. {self._advice()}"
        return ToolOutcome(output, "timed_out", error)

    def _advice(self) -> str:
        if self.idempotent:
            return "You may try once more. If it does not work then, tell the caller; do not make up a result."
        return (
            "Whether it had an effect is not known, so do not try again by yourself. "
            "Tell the caller that it did not work; do not make up a result."
        )


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _text(result: Any) -> str:
    """What a tool returned, as the model reads it: text as it is, all else as JSON."""
    if isinstance(result, Enum):
        result = result.value
    if result is None:
        return "Done."
    if isinstance(result, str):
        return str(result)
    return to_json(result).decode()


def _cut(text: str) -> str:
    text = _whole_characters(text)
    if len(text) <= MAX_OUTPUT_CHARS:
        return text
    note = f"\n[cut: this was {len(text)} characters long]"
    return text[: MAX_OUTPUT_CHARS - len(note)] + note


def _whole_characters(text: str) -> str:
    """``text`` with ? for half surrogate pairs, which UTF-8 and so JSON on the wire cannot carry."""
    return text.encode("utf-8", "replace").decode()
