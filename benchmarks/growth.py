"""Does anything grow? What a soak has seen, and the verdict on it.

Growth is counted per ended call, not per hour: what a call leaves behind is the fault that is looked for, and it does
not depend on how fast calls come.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from benchmarks.slope import slope


@dataclass(frozen=True, slots=True)
class Sample:
    """What the gateway held at one moment, ``at_s`` seconds since the first, after its garbage was collected."""

    at_s: float
    calls: int
    """Under way, of the callers' counting."""
    calls_ended: int
    """So far."""
    rss_kb: float
    """1000 bytes each."""
    fds: int
    threads: int
    tasks: int
    objects: int
    """That Python's collector looks after."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Of one field of a sample."""

    name: str
    most: float
    unit: str


MOST_PER_CALL: Final = (
    Limit("rss_kb", 1.0, "kB"),
    Limit("fds", 0.02, ""),
    Limit("threads", 0.002, ""),
    Limit("tasks", 0.02, ""),
    Limit("objects", 1.0, ""),
)
"""What still counts as flat: so much for each ended call, by the robust slope. A leak of one object, of one socket or
of a small buffer in each call is above; the number of calls under way, which wavers by a few, stays below."""

ENOUGH_CALLS: Final = 1000
"""Ended while judged. A run with fewer is allowed as much in all as one with these: what the calls under way hold, and
what the allocator makes of it, wavers by about a megabyte and a thousand objects however short the run was."""


@dataclass(frozen=True, slots=True)
class Trend:
    """How one thing went."""

    name: str
    unit: str
    first: float
    last: float
    per_call: float
    """For each ended call, by the slope."""
    most_per_call: float
    """Allowed in a run of that length."""

    @property
    def is_flat(self) -> bool:
        """Grows by no more than is allowed. Shrinking is no fault."""
        return self.per_call <= self.most_per_call

    def to_json(self) -> dict[str, Any]:
        """Its fields, and the verdict."""
        return {**asdict(self), "is_flat": self.is_flat}


def trends(samples: Sequence[Sample]) -> list[Trend]:
    """One for each limit. ValueError of fewer than two samples, or if no call ended between them."""
    ended = samples[-1].calls_ended - samples[0].calls_ended if samples else 0
    if ended < 1:
        raise ValueError("a trend needs two samples, and calls that ended between them")
    widened = max(1.0, ENOUGH_CALLS / ended)
    found = []
    for limit in MOST_PER_CALL:
        points = [(float(sample.calls_ended), float(getattr(sample, limit.name))) for sample in samples]
        per_call = round(slope(points), 4)
        found.append(
            Trend(limit.name, limit.unit, points[0][1], points[-1][1], per_call, round(limit.most * widened, 4))
        )
    return found


MOST_LEFT: Final = (
    Limit("fds", 5.0, "file descriptors"),
    Limit("tasks", 5.0, "tasks"),
    Limit("objects", 10_000.0, "objects"),
    Limit("rss_kb", 5_000.0, "kB of memory"),
)
"""More than before the first call, when the last has gone: what the first of everything loads, and the list of ended
calls."""

KB_LEFT_PER_CALL: Final = 60.0
"""Further memory for each call that there was at once, which is what a call takes: allocators keep pages in which
anything is left."""


def left_over(before: Sample, after: Sample, most_calls: int) -> list[str]:
    """What stayed when the last call had gone, in words; empty if nothing did."""
    left = []
    for limit in MOST_LEFT:
        more = getattr(after, limit.name) - getattr(before, limit.name)
        most = limit.most + (KB_LEFT_PER_CALL * most_calls if limit.name == "rss_kb" else 0)
        if more > most:
            left.append(f"{more:g} {limit.unit} more than before the first call")
    return left
