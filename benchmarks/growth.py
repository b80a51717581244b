"""Does anything grow? What a soak has seen, and the verdict on it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from benchmarks.slope import slope


@dataclass(frozen=True, slots=True)
class Sample:
    """What the gateway held at one moment, ``at_s`` seconds since the first."""

    at_s: float
    calls: int
    """Under way, of the callers' counting."""
    calls_ended: int
    """So far."""
    rss_mb: float
    fds: int
    threads: int
    tasks: int
    objects: int
    """That Python's collector looks after."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What still counts as flat: so much growth over the whole time measured, by the robust slope."""

    name: str
    most: float
    unit: str


LIMITS: Final = (
    Limit("rss_mb", 4.0, "MB"),
    Limit("fds", 10.0, ""),
    Limit("threads", 2.0, ""),
    Limit("tasks", 20.0, ""),
    Limit("objects", 10_000.0, ""),
)
"""Above what the number of calls under way, which wavers by a few, does to each in ten minutes; far below what a leak
of 1 kB or of one object a call does in an hour of churn."""

LEFT_FDS: Final = 5
LEFT_TASKS: Final = 5
"""More than before the first call, when the last has gone."""


@dataclass(frozen=True, slots=True)
class Trend:
    """How one thing went."""

    name: str
    unit: str
    first: float
    last: float
    per_hour: float
    growth: float
    """Over the whole time measured, by the slope."""
    most: float

    @property
    def is_flat(self) -> bool:
        """Grows by no more than is allowed. Shrinking is no fault."""
        return self.growth <= self.most

    def to_json(self) -> dict[str, Any]:
        """Its fields, and the verdict."""
        return {**asdict(self), "is_flat": self.is_flat}


def trends(samples: Sequence[Sample]) -> list[Trend]:
    """One for each limit. ValueError of fewer than two samples."""
    if len(samples) < 2:
        raise ValueError("a trend needs two samples")
    lasted_s = samples[-1].at_s - samples[0].at_s
    found = []
    for limit in LIMITS:
        points = [(sample.at_s, float(getattr(sample, limit.name))) for sample in samples]
        per_s = slope(points)
        found.append(
            Trend(
                limit.name,
                limit.unit,
                points[0][1],
                points[-1][1],
                round(per_s * 3600, 2),
                round(per_s * lasted_s, 2),
                limit.most,
            )
        )
    return found


def left_over(before: Sample, after: Sample) -> list[str]:
    """What stayed when the last call had gone, in words; empty if nothing did."""
    left = []
    if after.fds > before.fds + LEFT_FDS:
        left.append(f"{after.fds - before.fds} file descriptors more than before the first call")
    if after.tasks > before.tasks + LEFT_TASKS:
        left.append(f"{after.tasks - before.tasks} tasks more than before the first call")
    return left
