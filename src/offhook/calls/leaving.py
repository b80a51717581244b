"""A call that is to end as soon as its last words were heard.

Whoever wants it to end may wait for that. If the caller goes on speaking instead, the call goes on.
"""

import asyncio
from dataclasses import dataclass, field
from math import inf
from typing import Final

from offhook.calls.departure import Departure, EndReason, Goodbye
from offhook.errors import CallRefused

LAST_WORDS_WITHIN_S: Final = 12.0
"""So long may a goodbye take to be said and heard."""


@dataclass(frozen=True, slots=True)
class Leave:
    """How the call is to end."""

    reason: EndReason
    departure: Departure = field(default_factory=Goodbye)


class Leaving:
    """If, and until when, a call is about to end."""

    __slots__ = ("_at", "_leave", "_waiting")

    def __init__(self) -> None:
        self._leave: Leave | None = None
        self._at = inf
        self._waiting: asyncio.Future[None] | None = None

    def plan(self, leave: Leave, now: float) -> None:
        """End it when the line is quiet, or in LAST_WORDS_WITHIN_S. An earlier plan is forgotten."""
        self.cancel()
        self._leave, self._at = leave, now + LAST_WORDS_WITHIN_S

    def cancel(self) -> None:
        """The caller wants to go on."""
        self._settle(CallRefused("the caller went on speaking, so the call goes on"))

    def take(self) -> Leave | None:
        """The line is quiet, or it is time: return how to end, if that is planned. Who waited for it goes on."""
        leave = self._leave
        self._settle(None)
        return leave

    def deadline(self) -> float:
        """When to ``take`` it at the latest; inf if nothing is planned."""
        return self._at

    def waited_for(self) -> asyncio.Future[None]:
        """Done when the call ends; raises CallRefused if it goes on after all."""
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().create_future()
        return self._waiting

    def _settle(self, refusal: CallRefused | None) -> None:
        waiting = self._waiting
        self._leave, self._at, self._waiting = None, inf, None
        if waiting is None or waiting.done():
            return
        if refusal is None:
            waiting.set_result(None)
        else:
            waiting.set_exception(refusal)
