"""How many calls, when they ring, and how long they last. Told the time; decides, and does nothing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_CALLS: Final = 10_000
MOST_RATE: Final = 1000.0
"""Calls a second."""
LONGEST_S: Final = 86_400.0


class Pattern(StrEnum):
    """Who speaks when."""

    TALK = "talk"
    """Turns: the caller says a sentence and waits for the answer, which takes 1.5 of about every 4 seconds."""
    ALL_THE_TIME = "all-the-time"
    """Both speak, without a pause."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A load. ``calls`` are rung at ``rate`` a second, and are then held for ``seconds``, which are the ones measured.

    With ``churn_s``, a call lasts about that long (half to one and a half of it, evenly), and another rings when it
    ends. Without it, calls last to the end; one that ends before is not replaced. ValueError for what cannot be.
    """

    calls: int
    rate: float = 20.0
    """Calls that ring in a second."""
    seconds: float = 30.0
    pattern: Pattern = Pattern.TALK
    churn_s: float | None = None
    settle_s: float = 2.0
    """Between the last ring and the beginning of what is measured."""

    def __post_init__(self) -> None:
        for name, value, most in (
            ("calls", self.calls, MOST_CALLS),
            ("rate", self.rate, MOST_RATE),
            ("seconds", self.seconds, LONGEST_S),
        ):
            if not 0 < value <= most:
                raise ValueError(f"{name} must be above 0 and at most {most:g}, not {value:g}")
        if self.churn_s is not None and not 2.0 <= self.churn_s <= LONGEST_S:
            raise ValueError(f"the mean length of a call must be from 2 s to {LONGEST_S:g} s, not {self.churn_s:g}")
        if self.settle_s < 0:
            raise ValueError("settle_s must not be below 0")

    @property
    def ramp_s(self) -> float:
        """How long it takes until all have been rung."""
        return self.calls / self.rate

    @property
    def measured_from_s(self) -> float:
        """When the measurement begins, in seconds since the first ring."""
        return self.ramp_s + self.settle_s

    @property
    def ends_at_s(self) -> float:
        """When all hang up, in seconds since the first ring."""
        return self.measured_from_s + self.seconds

    def length_s(self, chance: float) -> float | None:
        """How long a call lasts, for a number from 0 to 1; None: to the end."""
        return None if self.churn_s is None else self.churn_s * (0.5 + chance)


class Dialling:
    """Which calls ring now."""

    __slots__ = ("_next_at_s", "_plan", "_rung")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._rung = 0
        self._next_at_s = 0.0

    @property
    def next_at_s(self) -> float:
        """When the next may ring, in seconds since the first."""
        return self._next_at_s

    def due(self, at_s: float, live: int) -> int:
        """How many ring at ``at_s``, when ``live`` calls are under way. Call it at ``next_at_s``, or whenever.

        No more than ``rate`` a second, also after a delay: what could not ring in time is not made up for in a heap.
        """
        plan = self._plan
        if at_s >= plan.ends_at_s or at_s + 1e-9 < self._next_at_s:
            return 0
        wanted = plan.calls - live if plan.churn_s is not None else plan.calls - self._rung
        if wanted <= 0:
            self._next_at_s = plan.ends_at_s if plan.churn_s is None else at_s + 1 / plan.rate
            return 0
        self._rung += 1
        self._next_at_s = max(self._next_at_s + 1 / plan.rate, at_s - 0.1)
        return 1
