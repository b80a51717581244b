"""Where the `limits` library counts: in memory, so many keys and no more, and without a thread.

Its own MemoryStorage starts a thread for nearly each hit, which then walks through all keys: a flood from many
addresses would make it work hardest, beside the loop that carries the calls.
"""

import time
from collections.abc import Callable
from typing import Final

from limits.storage import Storage

KEYS_LIMIT: Final = 10_000
"""About 2 MB. Above it the key whose window began first is forgotten, and may begin anew."""


class Counts(Storage):
    """Counters that expire, as the fixed window strategy needs them."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float] = time.time, keys_limit: int = KEYS_LIMIT) -> None:
        super().__init__()
        self._clock = clock
        self._keys_limit = keys_limit
        self._counts: dict[str, tuple[int, float]] = {}
        """Count and expiry, in the order in which the windows began."""

    def __len__(self) -> int:
        return len(self._counts)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What this can fail with: nothing of its own."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count; return the count of the key's window, which lasts ``expiry`` seconds from the first."""
        now = self._clock()
        count, ends = self._counts.get(key, (0, 0.0))
        if ends <= now:
            self._counts.pop(key, None)
            count, ends = 0, now + expiry
            while len(self._counts) >= self._keys_limit:
                del self._counts[next(iter(self._counts))]
        self._counts[key] = (count + amount, ends)
        return count + amount

    def get(self, key: str) -> int:
        """The count of the key's window; 0 if none runs."""
        count, ends = self._counts.get(key, (0, 0.0))
        return count if ends > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        """When the key's window ends, in the clock's time; now, if none runs."""
        return max(self._counts.get(key, (0, 0.0))[1], self._clock())

    def check(self) -> bool:
        """It works."""
        return True

    def reset(self) -> int | None:
        """Forget all."""
        known = len(self._counts)
        self._counts.clear()
        return known

    def clear(self, key: str) -> None:
        """Forget one."""
        self._counts.pop(key, None)
