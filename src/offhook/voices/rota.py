"""Whose turn it is, when many speak and one engine serves them. Pure: it is told the time.

Each utterance is covered until the moment at which the sound that it has would be played to its end, if it was played
from when it came. The one that is covered least goes first: so whoever has no sound yet goes before all who have, a
long text does not hold up a short one, and nobody starves, because what comes later is covered until later. One that
is covered further ahead than it asked for has to wait.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Cover:
    until_s: float
    ahead_s: float


class Rota(Generic[T]):
    """Who waits for a turn. An utterance that has its turn is not in it, until it is put back."""

    def __init__(self) -> None:
        self._covers: dict[T, _Cover] = {}

    def __len__(self) -> int:
        return len(self._covers)

    def add(self, utterance: T, *, covered_until_s: float, ahead_s: float) -> None:
        """Put one in: a new one is covered until now, one that had its turn until later. Seconds of one clock."""
        self._covers[utterance] = _Cover(covered_until_s, ahead_s)

    def drop(self, utterance: T) -> None:
        """Take one out, if it is in."""
        self._covers.pop(utterance, None)

    def take(self, now: float) -> T | None:
        """Take out whose turn it is; None if all wait for time to pass, or there is nobody."""
        due = [(cover.until_s, index) for index, cover in enumerate(self._covers.values()) if _is_due(cover, now)]
        if not due:
            return None
        utterance = list(self._covers)[min(due)[1]]
        del self._covers[utterance]
        return utterance

    def take_all(self) -> list[T]:
        """Take out everybody."""
        everybody = list(self._covers)
        self._covers.clear()
        return everybody

    def wait_s(self, now: float) -> float | None:
        """In how many seconds it will be somebody's turn; None if there is nobody."""
        return max(0.0, min(c.until_s - c.ahead_s for c in self._covers.values()) - now) if self._covers else None


def _is_due(cover: _Cover, now: float) -> bool:
    return cover.until_s - cover.ahead_s <= now
