"""Which reply the engine is making, and which are dead.

After a reply was cut, more of it arrives for a while, and must not reach the caller: its names are dead. Names are the
engine's ids of a response and of its items; some servers leave one of them empty.
"""

from collections import deque
from math import inf
from typing import Final

DEAD_KEPT: Final = 16
"""Late sound of a cut reply arrives within a second; a handful of replies back is plenty."""

STALL_S: Final = 15.0
"""A reply that has begun, and of which nothing comes for so long, is not waited for any more."""


class Replies:
    """The replies of one engine session, told the time."""

    __slots__ = ("_dead", "item_id", "response_id", "stalled_at")

    def __init__(self) -> None:
        self.response_id: str | None = None
        """Of the reply that is being made, if the engine said that one began."""
        self.item_id: str | None = None
        """Of the item that sounded last in it."""
        self.stalled_at = inf
        """When to stop waiting for more of it."""
        self._dead: deque[str] = deque(maxlen=DEAD_KEPT)

    def began(self, response_id: str, now: float) -> None:
        """A reply is being made."""
        self.response_id = response_id
        self.stalled_at = now + STALL_S

    def came(self, now: float) -> None:
        """Something of it came."""
        if self.response_id is not None:
            self.stalled_at = now + STALL_S

    def over(self) -> None:
        """No reply is being made."""
        self.response_id = self.item_id = None
        self.stalled_at = inf

    def kill(self, *names: str | None) -> None:
        """Let nothing of these through any more."""
        self._dead.extend(name for name in names if name)

    def dead(self, response_id: str, item_id: str = "") -> bool:
        """If one of these was killed. On the media path."""
        return bool(self._dead) and (response_id in self._dead or item_id in self._dead)

    def forget(self) -> None:
        """Another session: its names are its own."""
        self.over()
        self._dead.clear()
