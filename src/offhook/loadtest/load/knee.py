"""Where the promise breaks: a search that is told how each number of calls went, and says which to try next."""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Final

STEP: Final = 1.5
PRECISION: Final = 0.05
"""The search ends when the number that held and the one that broke lie so near each other."""

MARGIN: Final = 0.8
"""Of the knee: what to allow. The rest is for what a test does not have: longer prompts, tools, a busy machine."""


class Verdict(StrEnum):
    """How one number of calls went."""

    HELD = "held"
    BROKE = "broke"
    REFUSED = "refused"
    """It broke because the gateway said busy: its door is closed above a number."""
    OWN_LIMIT = "own-limit"
    """The load tester itself was too busy: what it saw says nothing about the gateway."""
    DISTURBED = "disturbed"
    """It was late all the time, though not busy: so is the machine, with something else. Ends a search likewise."""


@dataclass(frozen=True, slots=True)
class Knee:
    """The answer. ``held`` calls went well; the next number that was tried, ``broke``, did not, if any did."""

    held: int
    broke: int | None
    own_limit: int | None
    """The load tester could not judge this number, and the search ended there."""
    door: int | None = None
    """So many calls were taken when ``broke`` were rung and the others refused; None: nobody was."""

    @property
    def recommended(self) -> int:
        """For OFFHOOK_MAX_CALLS_PER_WORKER: MARGIN of what held; 0 if nothing did."""
        return int(self.held * MARGIN)


class KneeSearch:
    """Raises by STEP until something breaks, then halves the distance. ``most`` is never exceeded."""

    def __init__(self, first: int, most: int) -> None:
        if not 0 < first <= most:
            raise ValueError(f"a search from {first} to {most} calls finds nothing")
        self._most = most
        self._next: int | None = first
        self._held = 0
        self._broke: int | None = None
        self._own_limit: int | None = None
        self._door: int | None = None

    @property
    def next(self) -> int | None:
        """How many calls to try; None when the search is over."""
        return self._next

    @property
    def knee(self) -> Knee:
        """What is known so far."""
        return Knee(self._held, self._broke, self._own_limit, self._door)

    def tell(self, calls: int, verdict: Verdict, taken: int = 0) -> None:
        """That number of calls went so; of them, so many were ``taken``, which matters when the others were refused."""
        if verdict is Verdict.HELD:
            self._held = max(self._held, calls)
        elif verdict in (Verdict.BROKE, Verdict.REFUSED):
            if self._broke is None or calls < self._broke:
                self._broke = calls
                self._door = taken if verdict is Verdict.REFUSED else None
        else:
            self._own_limit = min(calls, self._own_limit or calls)
        self._next = self._following()

    def _following(self) -> int | None:
        ceiling = self._broke
        if self._own_limit is not None and (ceiling is None or self._own_limit <= ceiling):
            ceiling = self._own_limit
        if ceiling is None:
            return min(ceil(self._held * STEP), self._most) if self._held < self._most else None
        if self._door is not None and ceiling == self._broke:
            if self._door <= self._held:
                return None
            if self._door < ceiling:
                return self._door
        if ceiling - self._held <= max(1, round(PRECISION * ceiling)):
            return None
        return (self._held + ceiling) // 2 or None
