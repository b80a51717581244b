"""The scripted caller: what a test says, hears and asserts on one call, be it in sound or in text.

What takes time on a telephone is awaited: ``says``, ``hears``, ``interrupts``, ``presses``, ``hangs_up``,
``is_hung_up_on``, ``is_transferred_to``. What only looks back is not: ``called``, ``did_not_call``, ``understood``,
``heard``, ``tools``, ``transcript``.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import to_jsonable_python

from offhook.calls.conversation import AgentSaid, CallerSaid, Entry, ToolStatus, ToolUsed
from offhook.testing.transcript import Deed, arguments_of, as_called
from offhook.testing.wording import Wanted, plain

CALLER: Final = "+15550001111"
DIALLED: Final = "+15550002222"
"""Numbers of nobody: 555-0100 to 555-0199 and the like are kept for stories."""

INTERRUPT_AFTER_MS: Final = 800
"""So much of a reply is listened to before it is talked over, if nothing else is said."""

_RAN: Final = frozenset({ToolStatus.DONE, ToolStatus.INTENDED})


class NotAsScripted(AssertionError):
    """The call did not go as the test wants it. The message ends with the transcript of the call."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the agent called."""

    name: str
    arguments: Mapping[str, Any]
    """As they came, before they were checked: a date is text here."""
    status: ToolStatus
    """``done``, ``failed``, ``timed_out``, ``refused`` (the arguments were not right), or ``intended``: it runs."""
    output: str | None
    """What the agent was told."""

    def __str__(self) -> str:
        return as_called(self.name, self.arguments) + ("" if self.status in _RAN else f" → {self.status}")


class Caller(ABC):
    """A caller on the line with one agent."""

    def __init__(self) -> None:
        self._deeds: list[Deed] = []
        self._listens_from = 0

    # ---- looking back ----------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def conversation(self) -> Sequence[Entry]:
        """All of it, as ``GET /api/calls/{id}`` shows it."""

    @property
    @abstractmethod
    def transcript(self) -> str:
        """The whole call, a line for each thing that happened. It is shown when a test fails."""

    @property
    def understood(self) -> list[str]:
        """What was understood of each turn of the caller; "" if nothing was."""
        return [entry.text or "" for entry in self.conversation if isinstance(entry, CallerSaid)]

    @property
    def heard(self) -> list[str]:
        """Each turn of the agent; of one that was cut, the words that the caller heard."""
        return [entry.heard_text.strip() for entry in self.conversation if isinstance(entry, AgentSaid)]

    @property
    def tools(self) -> list[ToolCall]:
        """The tools that were called, in order."""
        return [
            ToolCall(entry.name, arguments_of(entry), entry.status, entry.output)
            for entry in self.conversation
            if isinstance(entry, ToolUsed)
        ]

    def called(self, tool: str, /, **arguments: Any) -> ToolCall:
        """Return the last call of ``tool`` with these arguments; it may have had others too.

        Values are compared as JSON, so a date may be given as one. NotAsScripted if there was none that was carried
        out; what was refused or failed is in ``tools``.
        """
        __tracebackhide__ = True
        for call in reversed(self.tools):
            if call.status in _RAN and _matches(call, tool, arguments):
                return call
        raise self.failure(f"{as_called(tool, arguments)} should have been called; {self._all_called()}")

    def did_not_call(self, tool: str | None = None, /, **arguments: Any) -> None:
        """NotAsScripted if ``tool`` was called with these arguments; None: if any tool was called."""
        __tracebackhide__ = True
        for call in self.tools:
            if tool is None or _matches(call, tool, arguments):
                wanted = as_called(tool, arguments) if tool else "no tool"
                raise self.failure(f"{wanted} should {'not ' if tool else ''}have been called; {self._all_called()}")

    def failure(self, reason: str) -> NotAsScripted:
        """An error to be raised: the reason, and the transcript."""
        return NotAsScripted(f"{reason}\n\n{self.transcript}")

    # ---- talking ---------------------------------------------------------------------------------------------------

    @abstractmethod
    async def says(self, line: str, *, listens: bool = True, within_s: float | None = None) -> str:
        """Say ``line``; listen until the agent has answered, tools and all, and return the words heard since.

        With ``listens`` False it returns as soon as the line is said: to interrupt the answer, for one. NotAsScripted
        if nobody notices, or the answer is not over ``within_s``.
        """

    @abstractmethod
    async def hears(self, wanted: Wanted, *, within_s: float | None = None) -> str:
        """Listen until the agent has finished, and return what was heard since the caller last spoke or pressed a key.

        ``wanted`` are words, whole ones in a row, compared without capitals and punctuation; or a compiled pattern.
        NotAsScripted if they are not in it. With ``within_s``, the agent has so long to come to say them.
        """

    @abstractmethod
    async def interrupts(
        self,
        line: str,
        *,
        after_ms: int = INTERRUPT_AFTER_MS,
        cuts: bool = True,
        listens: bool = True,
        within_s: float | None = None,
    ) -> str:
        """Wait until so much of what the agent says was heard, and speak over the rest; then as ``says``.

        NotAsScripted if the agent has nothing to say, or does not stop. ``cuts`` False: if it does stop.
        """

    @abstractmethod
    async def presses(self, keys: str) -> str:
        """Press these keys, also while the agent speaks, and return the answer.

        An agent with an ``on_digit`` handler need not answer: then this returns at once, and "". ValueError for what
        is no key.
        """

    # ---- the end ---------------------------------------------------------------------------------------------------

    @abstractmethod
    async def hangs_up(self) -> None:
        """Put the phone down."""

    @abstractmethod
    async def is_hung_up_on(self, *, within_s: float | None = None) -> None:
        """Wait until the agent ends the call. NotAsScripted if it does not, or the call ends for another reason."""

    @abstractmethod
    async def is_transferred_to(self, to: str, *, within_s: float | None = None) -> None:
        """Wait until the agent transfers the call. NotAsScripted if it does not, or not there."""

    # ---- for those who fill this in --------------------------------------------------------------------------------

    def _starts_anew(self) -> None:
        """What is heard from here on answers what the caller does now."""
        self._listens_from = len(self.heard)

    def _reply(self) -> str:
        return " ".join(words for words in self.heard[self._listens_from :] if words)

    def _not_heard(self, wanted: Wanted) -> str:
        words = f'"{wanted}"' if isinstance(wanted, str) else f"the pattern {wanted.pattern!r}"
        said = self._reply()
        return f"{words} should have been heard; the agent said " + (f'"{said}"' if plain(said) else "nothing")

    def _all_called(self) -> str:
        return f"called: {', '.join(map(str, self.tools))}" if self.tools else "no tool was called"


def _matches(call: ToolCall, tool: str, arguments: Mapping[str, Any]) -> bool:
    wanted = to_jsonable_python(arguments)
    return call.name == tool and all(key in call.arguments and call.arguments[key] == wanted[key] for key in wanted)
