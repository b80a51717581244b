"""How long a call may be silent, and how long it may last.

Silence is when neither side is to be heard and nothing is being worked on. After ``after_s`` of it the agent asks if
the caller is still there; when that has gone unanswered ``checks`` times, the call is over. Whatever happens, it is
over after ``max_call_s``.
"""

from enum import Enum, auto
from math import inf

from offhook.agents.policies import SilencePolicy


class Impatience(Enum):
    """What is to be done."""

    ASK = auto()
    """Ask if the caller is still there."""
    GIVE_UP = auto()
    """Nobody answers: end the call."""
    TIME_UP = auto()
    """The call has lasted as long as it may."""


class Patience:
    """The two clocks of one call. ``after_s`` 0: silence never ends it. ``max_call_s`` 0: nor does its length."""

    __slots__ = ("_after_s", "_asked", "_checks", "_ends_at", "_quiet_since")

    def __init__(self, *, after_s: float, checks: int, max_call_s: float, now: float) -> None:
        self._after_s = after_s or inf
        self._checks = checks
        self._asked = 0
        self._ends_at = now + (max_call_s or inf)
        self._quiet_since = now

    @staticmethod
    def of(policy: SilencePolicy | None, max_call_s: float, now: float) -> "Patience":
        """As an agent wants it."""
        after_s, checks = (policy.after_s, policy.checks) if policy is not None else (0.0, 0)
        return Patience(after_s=after_s, checks=checks, max_call_s=max_call_s, now=now)

    def stirred(self, now: float) -> None:
        """Something is to be heard, or being done, up to this moment at least; it may lie in the future."""
        self._quiet_since = max(self._quiet_since, now)

    def caller_stirred(self, now: float) -> None:
        """The caller gave a sign of life: what was asked is answered."""
        self._asked = 0
        self.stirred(now)

    def deadline(self) -> float:
        """When ``on_time`` wants to be called; inf if never."""
        return min(self._ends_at, self._quiet_since + self._after_s)

    def on_time(self, now: float) -> Impatience | None:
        """What is to be done, if anything."""
        if now >= self._ends_at:
            self._ends_at = inf
            return Impatience.TIME_UP
        if now < self._quiet_since + self._after_s:
            return None
        self._quiet_since = now
        if self._asked >= self._checks:
            return Impatience.GIVE_UP
        self._asked += 1
        return Impatience.ASK
