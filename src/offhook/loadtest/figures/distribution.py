"""How often which value came, in little memory: buckets spaced by logarithm, so that the error is a share of the value.

Values are any one unit, in our case milliseconds. What lies below FLOOR counts as FLOOR, what lies above CEILING as
CEILING. A bucket is wide by twice the error, and a quantile is told as the middle of its bucket, so it is off by at
most ``error`` times itself. Only buckets that hold something take memory: at most ``buckets_limit`` of them.
"""

from collections.abc import Iterable, Mapping
from math import ceil, exp, log, log1p
from typing import Any, Final, Self

FLOOR: Final = 0.1
CEILING: Final = 60_000.0

USUAL_ERROR: Final = 0.01


class Distribution:
    """Counts of values. Two of the same ``error`` can be added, and an earlier copy be taken off a later one."""

    __slots__ = ("_counts", "_offset", "_scale", "_total", "count", "error")

    def __init__(self, error: float = USUAL_ERROR) -> None:
        if not 0 < error < 0.5:
            raise ValueError(f"error is a share between 0 and 0.5, not {error}")
        self.error = error
        self.count = 0
        self._total = 0.0
        self._scale = 1 / (2 * log1p(error))
        self._offset = 1 - log(FLOOR) * self._scale
        self._counts: dict[int, int] = {}

    @property
    def buckets_limit(self) -> int:
        """Most buckets there can be."""
        return int(log(CEILING) * self._scale + self._offset) + 1

    @property
    def mean(self) -> float | None:
        """The average; None of nothing."""
        return self._total / self.count if self.count else None

    @property
    def max(self) -> float | None:
        """The largest value, to within the error; None of nothing."""
        return self._middle(max(self._counts)) if self._counts else None

    def add(self, value: float) -> None:
        """One value more."""
        # Called for every frame of every call, hence without a further call of our own.
        bucket = 0 if value <= FLOOR else int(log(min(value, CEILING)) * self._scale + self._offset)
        counts = self._counts
        counts[bucket] = counts.get(bucket, 0) + 1
        self.count += 1
        self._total += value

    def merge(self, other: "Distribution") -> None:
        """Add all values of another one. ValueError if its error is not the same."""
        self._require_alike(other)
        for bucket, count in other._counts.items():
            self._counts[bucket] = self._counts.get(bucket, 0) + count
        self.count += other.count
        self._total += other._total

    def copy(self) -> Self:
        """One like this, that does not change with it."""
        copied = type(self)(self.error)
        copied.merge(self)
        return copied

    def since(self, earlier: "Distribution") -> Self:
        """What came after ``earlier`` was copied from this one. ValueError if its error is not the same."""
        self._require_alike(earlier)
        later = type(self)(self.error)
        for bucket, count in self._counts.items():
            if (more := count - earlier._counts.get(bucket, 0)) > 0:
                later._counts[bucket] = more
                later.count += more
        later._total = self._total - earlier._total
        return later

    def quantile(self, share: float) -> float | None:
        """The value below or at which that share of all lies, to within the error; None of nothing."""
        if not self.count:
            return None
        rank = max(1, ceil(share * self.count))
        for bucket in sorted(self._counts):
            rank -= self._counts[bucket]
            if rank <= 0:
                return self._middle(bucket)
        return self.max

    def curve(self) -> list[tuple[float, float]]:
        """Values and the share of all that lies at or below them, rising."""
        points, reached = [], 0
        for bucket in sorted(self._counts):
            reached += self._counts[bucket]
            points.append((self._middle(bucket), reached / self.count))
        return points

    def summary(self) -> dict[str, float | int | None]:
        """``count``, ``mean``, ``p50``, ``p95``, ``p99``, ``max``: rounded to 0.01; None of nothing."""
        quantiles = {f"p{round(share * 100)}": self.quantile(share) for share in (0.5, 0.95, 0.99)}
        figures = {"mean": self.mean, **quantiles, "max": self.max}
        return {"count": self.count} | {k: None if v is None else round(v, 2) for k, v in figures.items()}

    def to_json(self) -> dict[str, Any]:
        """All of it: ``error``, ``total``, and ``buckets`` as pairs of number and count."""
        return {
            "error": self.error,
            "total": round(self._total, 3),
            "buckets": [[bucket, self._counts[bucket]] for bucket in sorted(self._counts)],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The one that was written so. KeyError, TypeError, ValueError if it was not."""
        read = cls(float(value["error"]))
        pairs: Iterable[tuple[int, int]] = value["buckets"]
        for bucket, count in pairs:
            read._counts[int(bucket)] = int(count)
        read.count = sum(read._counts.values())
        read._total = float(value["total"])
        return read

    def _middle(self, bucket: int) -> float:
        return FLOOR * exp((bucket - 0.5) / self._scale) if bucket else FLOOR

    def _require_alike(self, other: "Distribution") -> None:
        if other.error != self.error:
            raise ValueError(f"a distribution to {other.error:g} cannot be counted together with one to {self.error:g}")
