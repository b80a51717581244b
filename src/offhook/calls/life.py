"""Where a call stands in its table of states, how long it may stay there, and how it ends."""

from collections.abc import Callable
from math import inf
from typing import Final

from offhook.calls.departure import Departure, EndReason, Goodbye
from offhook.calls.states import TRANSITIONS, Change, State

LEG_WITHIN_S: Final = 30.0
"""The carrier was told where to stream; if it has not by then, it will not."""

LET_GO_WITHIN_S: Final = 15.0
"""The carrier was told to end the call; if it has not answered by then, we stop waiting."""


class Life:
    """One call's state, told the time."""

    __slots__ = ("_changed", "_wait_until", "departure", "end_reason", "state")

    def __init__(self, now: float, changed: Callable[[State], None]) -> None:
        self.state = State.RINGING
        self.departure: Departure | None = None
        """What the carrier is to do with the caller, once it is decided to end the call."""
        self.end_reason: EndReason | None = None
        self._changed = changed
        self._wait_until = now + LEG_WITHIN_S

    @property
    def going(self) -> bool:
        """It is not decided yet that it ends."""
        return self.state not in (State.ENDING, State.ENDED)

    def wait(self, until: float) -> None:
        """Something is expected to happen by then, in a state in which a call does not stay."""
        self._wait_until = until

    def deadline(self) -> float:
        """When waiting is over; inf in a state in which a call may stay."""
        return inf if self.state in (State.TALKING, State.ENDED) else self._wait_until

    def leg_came(self) -> None:
        """The caller is on the line."""
        self._move(Change.LEG_CAME)

    def line_lost(self, until: float) -> None:
        """The line is lost, and may come back until then."""
        self._move(Change.LINE_LOST)
        self._wait_until = until

    def decide(self, reason: EndReason, departure: Departure, now: float) -> None:
        """It is to end; the carrier has to let go."""
        self.end_reason, self.departure = reason, departure
        self._move(Change.DECIDED)
        self._wait_until = now + LET_GO_WITHIN_S

    def finish(self, reason: EndReason) -> None:
        """It is over. What was decided before stands."""
        self.end_reason = self.end_reason or reason
        self.departure = self.departure or Goodbye()
        self._move(Change.OVER)

    def gave_up(self) -> EndReason:
        """Why it ends if nothing has happened by the deadline."""
        reasons = {State.RINGING: EndReason.NEVER_CAME, State.RESUMING: EndReason.LINE_LOST}
        return reasons.get(self.state) or self.end_reason or EndReason.LINE_LOST

    def _move(self, change: Change) -> None:
        state = TRANSITIONS[self.state][change]
        if state is not self.state:
            self.state = state
            self._changed(state)
