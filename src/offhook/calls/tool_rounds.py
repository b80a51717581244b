"""When the model may go on after it called tools, and when it has called enough.

One reply may call several tools. The model is asked to go on once, when the reply that called them is done and every
answer is in: asking sooner is refused by the vendors (``conversation_already_has_active_response``). A model that only
calls tools, turn after turn without the caller, is a runaway: after ROUNDS_LIMIT it has to speak.
"""

from enum import Enum, auto
from typing import Final

ROUNDS_LIMIT: Final = 8
"""Replies in a row that called tools, with no word of the caller between."""

CALLS_LIMIT: Final = 16
"""Tool calls in one such row; more are refused."""


class GoOn(Enum):
    """How the model is asked to go on."""

    FREELY = auto()
    WITHOUT_TOOLS = auto()


class ToolRounds:
    """The tool calls since the caller last spoke."""

    __slots__ = ("_calls", "_pending", "_replying", "_rounds")

    def __init__(self) -> None:
        self._rounds = 0
        self._calls = 0
        self._pending: set[str] = set()
        self._replying = False

    @property
    def busy(self) -> bool:
        """A tool is running, or its round is not finished."""
        return bool(self._pending) or self._replying

    @property
    def pending(self) -> frozenset[str]:
        """The ids of calls that have not answered."""
        return frozenset(self._pending)

    def caller_spoke(self) -> None:
        """The counts begin anew."""
        self._rounds = self._calls = 0

    def wanted(self, call_id: str) -> bool:
        """The model calls a tool. False: that is one too many, refuse it (and ``answered`` it all the same)."""
        if not self._replying:
            self._rounds += 1
            self._replying = True
        self._calls += 1
        self._pending.add(call_id)
        return self._calls <= CALLS_LIMIT and self._rounds <= ROUNDS_LIMIT

    def reply_done(self) -> GoOn | None:
        """The reply that called is done."""
        was, self._replying = self._replying, False
        return self._go_on() if was else None

    def answered(self, call_id: str) -> GoOn | None:
        """One answer is in."""
        if call_id not in self._pending:
            return None
        self._pending.discard(call_id)
        return self._go_on()

    def _go_on(self) -> GoOn | None:
        if self._pending or self._replying:
            return None
        return GoOn.WITHOUT_TOOLS if self._rounds >= ROUNDS_LIMIT or self._calls >= CALLS_LIMIT else GoOn.FREELY
