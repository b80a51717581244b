"""How often which value was seen: a histogram that the media path can afford.

A lookup and two additions, without a lock, because one loop owns it. Prometheus reads it when it asks
(``telemetry/metrics``), so that nothing but counting is paid for by a frame.
"""

from bisect import bisect_left
from collections.abc import Iterable
from math import inf


class Tally:
    """Counts of values, by the least upper bound that holds them. ``bounds`` rise; what is above the last counts too.

    Values that are not numbers, or below zero, count as zero: clocks may step back, and a sum must not.
    """

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Iterable[float]) -> None:
        self.bounds = tuple(bounds)
        if not self.bounds or any(a >= b for a, b in zip(self.bounds, self.bounds[1:], strict=False)):
            raise ValueError(f"bounds have to rise: {self.bounds}")
        self.counts = [0] * (len(self.bounds) + 1)
        """Not cumulative: ``counts[i]`` is of the values above ``bounds[i - 1]``, up to ``bounds[i]``."""
        self.sum = 0.0

    def add(self, value: float) -> None:
        """See one value."""
        if not value > 0.0:
            value = 0.0
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    @property
    def count(self) -> int:
        """How many values were seen."""
        return sum(self.counts)

    def quantile(self, share: float, since: Iterable[int] = ()) -> float:
        """The bound below which that share of values lies; inf if above the last; 0 if none was seen.

        ``since``: the ``counts`` of an earlier moment, to look only at what came after it.
        """
        earlier = tuple(since) or (0,) * len(self.counts)
        counts = [now - then for now, then in zip(self.counts, earlier, strict=True)]
        wanted = share * sum(counts)
        if wanted <= 0:
            return 0.0
        reached = 0
        for count, bound in zip(counts, (*self.bounds, inf), strict=True):
            reached += count
            if reached >= wanted:
                return bound
        return inf
