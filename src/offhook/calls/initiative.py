"""When the agent speaks without having been spoken to.

It greets, once both sides are there. It goes on where a lost line, or a lost engine session, left off. And when a reply
came to nothing it asks for another, a few times, ever more slowly, because most often that is a rate limit.
"""

from collections.abc import Callable
from math import inf
from typing import Final

from offhook.calls import asked
from offhook.calls.bridge import LOST, Bridge
from offhook.calls.conversation import Conversation

FAILED_REPLIES_LIMIT: Final = 4
"""So many replies in a row may come to nothing; then the engine is no good."""

FIRST_RETRY_S: Final = 0.5
"""After a reply that came to nothing; doubles with each."""


class Initiative:
    """Of the agent of one call."""

    __slots__ = (
        "_bore_fruit",
        "_bridge",
        "_clock",
        "_conversation",
        "_failed",
        "_greeted",
        "_greeting",
        "_lost",
        "_retry_at",
    )

    def __init__(self, greeting: str, bridge: Bridge, conversation: Conversation, clock: Callable[[], float]) -> None:
        self._greeting = greeting
        self._bridge = bridge
        self._conversation = conversation
        self._clock = clock
        self._greeted = not greeting
        self._lost = False
        self._bore_fruit = False
        self._failed = 0
        self._retry_at = inf

    def line_lost(self) -> None:
        """The caller is gone for a moment."""
        self._lost = True

    def begin(self) -> None:
        """Both sides are there: greet, or go on."""
        wish = self._bridge.take_wish()
        if not self._greeted:
            self._bridge.ask(asked.greet(self._greeting), tools=False)
        elif wish is not None and wish.instructions is not None:
            self._bridge.ask(wish.instructions, tools=wish.tools)
        elif self._lost:
            self._bridge.ask(asked.LINE_WAS_LOST)
        elif wish is not None or self._conversation.awaits_agent:
            self._bridge.ask(tools=wish is None or wish.tools)
        self._lost = False

    def sounded(self) -> None:
        """The caller hears the agent."""
        self._greeted = self._bore_fruit = True
        self._retry_at = inf

    def tool_called(self) -> None:
        """The reply called a tool; it need not sound."""
        self._bore_fruit = True
        self._retry_at = inf

    def caller_took(self) -> None:
        """The caller had a turn, and the engine answers that instead."""
        self._retry_at = inf
        self._bridge.drop_wish()

    def reply_done(self, status: str) -> bool:
        """A reply is done, in whatever way. Return False if it came to nothing."""
        barren = status == "failed" or (status == "incomplete" and not self._bore_fruit)
        self._bore_fruit = False
        if barren:
            self._failed += 1
            self._retry_at = self._clock() + FIRST_RETRY_S * 2 ** (self._failed - 1)
        elif status == "completed":
            self._failed = 0
        elif status == LOST:
            self._bridge.ask_again()
        return not barren

    @property
    def hopeless(self) -> bool:
        """Too many replies in a row came to nothing."""
        return self._failed >= FAILED_REPLIES_LIMIT

    def deadline(self) -> float:
        """When ``on_time`` wants to be called; inf if never."""
        return self._retry_at

    def on_time(self, now: float) -> None:
        """Ask again, if it is time."""
        if now >= self._retry_at:
            self._retry_at = inf
            if not self._bridge.replying:  # else something newer was asked for meanwhile
                self._bridge.ask_again()
