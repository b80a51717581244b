"""What all rows together show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.rows import Row
from benchmarks.slope import slope


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many calls one core holds, by two ways of looking."""

    held: int
    """Most calls that were held with the promise kept; 0 if none were."""
    is_least: bool
    """The ladder ended before the promise broke, or callers and far end were too busy to tell who broke it."""
    by_cpu: int
    """As many as fill a core, by the CPU time of a call where most were held: the promise breaks somewhat below."""
    row: Row | None
    """Where most were held."""
    broke: str
    """What broke at the next rung."""

    def __str__(self) -> str:
        return f"{'≥ ' if self.is_least and self.held else ''}{self.held}"


def rows_of(rows: Iterable[Row], system: str, pattern: str) -> list[Row]:
    """By number of calls."""
    return sorted((r for r in rows if (r.system, r.pattern) == (system, pattern)), key=lambda r: r.calls)


def capacity(rows: Iterable[Row], system: str, pattern: str) -> Capacity:
    """From that system's ladder."""
    climbed = rows_of(rows, system, pattern)
    held = [r for r in climbed if not r.broke]
    broke = next((r.broke for r in climbed if r.broke and not r.own_limit), "")
    if not held:
        return Capacity(0, not broke, 0, None, broke)
    best = held[-1]
    return Capacity(best.calls, not broke, round(1000 / max(best.cpu_ms_per_call_second, 1e-3)), best, broke)


def at(rows: Iterable[Row], system: str, pattern: str, calls: int) -> Row | None:
    """That system's row at that many calls, or None."""
    return next((r for r in rows_of(rows, system, pattern) if r.calls == calls), None)


def times(rows: Sequence[Row], system: str, other: str, pattern: str, calls: int) -> float | None:
    """CPU per call-second of ``other`` by that of ``system``, at equal calls; None if either was not measured there."""
    one, two = at(rows, system, pattern, calls), at(rows, other, pattern, calls)
    return None if one is None or two is None else two.cpu_ms_per_call_second / one.cpu_ms_per_call_second


def kb_per_call(rows: Iterable[Row], system: str, pattern: str, least: int = 50, most: int = 400) -> float | None:
    """Memory of one more call, between so many calls and so many; None of fewer than two rows."""
    points = [(float(r.calls), r.rss_kb) for r in rows_of(rows, system, pattern) if least <= r.calls <= most]
    return round(slope(points), 1) if len(points) > 1 else None
