"""What happens on calls, told to whoever listens: the live feed behind ``GET /api/events``.

Publishing never waits. A subscriber that does not keep up loses the oldest events and is told how many.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

SUBSCRIBERS_LIMIT: Final = 100
WAITING_LIMIT: Final = 1000
"""So many events may wait for one subscriber."""

EventT = TypeVar("EventT")


@dataclass(frozen=True, slots=True)
class Occurrence(Generic[EventT]):
    """One event, of which call, and when (seconds since the epoch)."""

    at: float
    call_id: str
    event: EventT


class FeedFull(Exception):
    """SUBSCRIBERS_LIMIT listen already."""


class Subscription(Generic[EventT]):
    """One listener's place in the feed. ``call_id`` None: all calls."""

    def __init__(self, call_id: str | None) -> None:
        self.call_id = call_id
        self._lost = 0
        self._waiting: deque[Occurrence[EventT]] = deque(maxlen=WAITING_LIMIT)
        self._came = asyncio.Event()

    def add(self, occurrence: Occurrence[EventT]) -> bool:
        """Something happened. Return False if another event was lost over it."""
        full = len(self._waiting) == WAITING_LIMIT
        self._lost += full
        self._waiting.append(occurrence)
        self._came.set()
        return not full

    async def next(self) -> Occurrence[EventT]:
        """Wait for the next event."""
        while not self._waiting:
            self._came.clear()
            await self._came.wait()
        return self._waiting.popleft()

    def take_lost(self) -> int:
        """How many were lost since this was last asked."""
        lost, self._lost = self._lost, 0
        return lost


class Feed(Generic[EventT]):
    """All events of all calls of this worker."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._subscriptions: list[Subscription[EventT]] = []
        self.lost = 0
        """Events that subscribers were too slow to take, over all that ever were."""

    @property
    def subscribers(self) -> int:
        """How many listen."""
        return len(self._subscriptions)

    def publish(self, call_id: str, event: EventT) -> None:
        """Tell everyone who listens. Costs next to nothing when nobody does."""
        if not self._subscriptions:
            return
        occurrence = Occurrence(self._clock(), call_id, event)
        for subscription in self._subscriptions:
            if subscription.call_id is None or subscription.call_id == call_id:
                self.lost += not subscription.add(occurrence)

    @contextmanager
    def subscribe(self, call_id: str | None = None) -> Iterator[Subscription[EventT]]:
        """Listen as long as the context lasts. Raises FeedFull."""
        if len(self._subscriptions) >= SUBSCRIBERS_LIMIT:
            raise FeedFull
        subscription: Subscription[EventT] = Subscription(call_id)
        self._subscriptions.append(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)
