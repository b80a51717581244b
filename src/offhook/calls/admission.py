"""May one more call come in? Asked before anything is spent on it, and before a carrier answers it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from offhook.errors import CallRefused

RETRY_AFTER_S: Final = 5.0
"""A line may be free again by then; it is also how long the loop has to be well before it counts as well."""


class Obstacle(StrEnum):
    """Why no call comes in."""

    DRAINING = "draining"
    """This worker is on its way out."""
    FULL = "full"
    """As many calls as are allowed; of the agent, or of the worker."""
    OVERLOADED = "overloaded"
    """Fewer than are allowed, but the calls that are here would suffer."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What an agent has of its own limit."""

    agent: str
    limit: int
    taken: int


class Admission:
    """The rules of one worker, in the order in which they are asked."""

    def __init__(self, max_calls: int, *, overloaded: Callable[[], bool]) -> None:
        self.max_calls = max_calls
        self.closed = False
        """No new calls: this worker is on its way out."""
        self._overloaded = overloaded

    def obstacle(self, active: int) -> Obstacle | None:
        """What keeps every new call out; ``active``: calls that are here. An agent's own limit is not asked."""
        if self.closed:
            return Obstacle.DRAINING
        if active >= self.max_calls:
            return Obstacle.FULL
        # Without calls there is nobody to protect, and what keeps the loop busy is no call's doing.
        if active > 0 and self._overloaded():
            return Obstacle.OVERLOADED
        return None

    def refusal(self, active: int, quota: Quota | None = None) -> CallRefused | None:
        """What to say to one more call; None: it may come in."""
        obstacle = self.obstacle(active)
        if obstacle is not Obstacle.DRAINING and quota is not None and quota.taken >= quota.limit:
            reason = f"all {quota.limit} lines of agent {quota.agent} are busy"
            return CallRefused(reason, RETRY_AFTER_S, kind=Obstacle.FULL)
        if obstacle is None:
            return None
        reasons = {
            Obstacle.DRAINING: "this worker is shutting down",
            Obstacle.FULL: f"all {self.max_calls} lines are busy",
            Obstacle.OVERLOADED: "this worker does not keep up with the calls it has",
        }
        return CallRefused(reasons[obstacle], RETRY_AFTER_S, kind=obstacle)
