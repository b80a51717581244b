"""Who is talking, and when the caller takes the turn from the agent (barge-in).

The engine says when it hears speech. If nothing of the agent is to be heard then, that is just the caller's turn. If
the agent is speaking, it is an interruption: at once, or with ``hold_s`` only if the caller goes on for so long, so
that a cough does not cut the reply.

Told the time, in seconds; asks to be called back at ``deadline``.
"""

from math import inf


class Turns:
    """The turns of one call."""

    __slots__ = ("_allowed", "_hold_s", "_interrupt_at", "_speaking_since", "_stopped_at", "_taken")

    def __init__(self, *, allowed: bool = True, hold_s: float = 0.0) -> None:
        self._allowed = allowed
        self._hold_s = hold_s
        self._speaking_since = inf
        self._stopped_at = inf
        self._interrupt_at = inf
        self._taken = False
        """The caller went on for long enough to interrupt the agent, and has not stopped since."""

    @property
    def caller_speaks(self) -> bool:
        """The caller began, and has not stopped."""
        return self._speaking_since < inf

    def caller_started(self, now: float, *, agent_speaks: bool) -> bool:
        """The engine hears speech. True: interrupt the agent now."""
        self._speaking_since = now
        self._stopped_at = inf
        if not (agent_speaks and self._allowed):
            return False
        if self._hold_s <= 0:
            return True
        self._interrupt_at = now + self._hold_s
        return False

    def caller_stopped(self, now: float) -> None:
        """The speech ended; also what was too short to be an interruption."""
        self._speaking_since = inf
        self._interrupt_at = inf
        self._stopped_at = now
        self._taken = False

    @property
    def caller_has_it(self) -> bool:
        """The caller has taken the turn, and speaks: the agent is not to speak over them."""
        return self.caller_speaks and self._allowed and (self._hold_s <= 0 or self._taken)

    def forget(self) -> None:
        """Nobody listens to the caller any more: who was speaking is not known."""
        self._speaking_since = self._stopped_at = self._interrupt_at = inf
        self._taken = False

    def agent_sounded(self, now: float) -> float | None:
        """Sound of a reply goes out. Return the seconds since the caller stopped, once per turn of the caller."""
        if self._stopped_at == inf:
            return None
        waited_s, self._stopped_at = now - self._stopped_at, inf
        return waited_s

    def deadline(self) -> float:
        """When ``on_time`` wants to be called; inf if never."""
        return self._interrupt_at

    def on_time(self, now: float) -> bool:
        """True: the caller has gone on for long enough, interrupt the agent now."""
        if now < self._interrupt_at:
            return False
        self._interrupt_at = inf
        self._taken = True
        return True
