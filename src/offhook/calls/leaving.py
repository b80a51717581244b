"""A call that is to end as soon as its last words were heard.

Whoever wants it to end may wait for that. If the caller goes on speaking instead, the call goes on.
"""

import asyncio
from dataclasses import dataclass, field, replace
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
    may_be_stopped: bool = True
    """By the caller, if they go on speaking."""


class Leaving:
    """If, and until when, a call is about to end."""

    __slots__ = ("_at", "_leave", "_replies_due", "_waiting")

    def __init__(self) -> None:
        self._leave: Leave | None = None
        self._at = inf
        self._replies_due = 0
        self._waiting: asyncio.Future[None] | None = None

    def plan(self, leave: Leave, now: float, replies_due: int = 0) -> None:
        """End it when the line is quiet and so many replies were made, or in LAST_WORDS_WITHIN_S.

        An earlier plan is forgotten; but if it was not the caller's to stop, this one is not either.
        """
        if self._leave is not None and not self._leave.may_be_stopped:
            leave = replace(leave, may_be_stopped=False)
        self._settle(CallRefused("the call ends in another way"))
        self._leave, self._at, self._replies_due = leave, now + LAST_WORDS_WITHIN_S, replies_due

    def caller_goes_on(self) -> None:
        """The caller has more to say: the call does not end, if that is for them to decide."""
        if self._leave is not None and self._leave.may_be_stopped:
            self._settle(CallRefused("the caller went on speaking, so the call goes on"))

    def reply_made(self) -> None:
        """A reply is done; it may have been the last words, and may still be heard."""
        self._replies_due -= 1

    @property
    def planned(self) -> bool:
        """The call is about to end."""
        return self._leave is not None

    @property
    def when_quiet(self) -> bool:
        """If the call is to end as soon as the line is quiet."""
        return self._leave is not None and self._replies_due <= 0

    def take(self) -> Leave | None:
        """The line is quiet, or it is time: return how to end, if that is planned."""
        leave, self._leave, self._at = self._leave, None, inf
        return leave

    def done(self) -> None:
        """The call has ended, or is about to without us. Who waited for it goes on."""
        self._settle(None)

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
