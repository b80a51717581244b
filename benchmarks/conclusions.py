"""What all rows together show. A comparison rests only on rows that were held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from benchmarks.rows import Row
from benchmarks.slope import slope


class NotShownError(Exception):
    """The rows do not carry a conclusion; the text says why."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many calls one core holds, by two ways of looking."""

    held: int
    """Most calls that were held with the promise kept, below the first rung that broke; 0 if none were."""
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
    """In the order of its ladder. A rung that calls were refused on may have fewer than the one before."""
    return [row for row in rows if (row.system, row.pattern) == (system, pattern)]


def held_rows(rows: Iterable[Row], system: str, pattern: str) -> list[Row]:
    """Those of its ladder below the first rung that broke. What seems held above that one was luck."""
    return list(takewhile(lambda r: not r.broke, rows_of(rows, system, pattern)))


def capacity(rows: Iterable[Row], system: str, pattern: str) -> Capacity:
    """From that system's ladder."""
    climbed = rows_of(rows, system, pattern)
    held = held_rows(climbed, system, pattern)
    broken = climbed[len(held)] if len(held) < len(climbed) else None
    broke = broken.broke if broken is not None and not broken.own_limit else ""
    if not held:
        return Capacity(0, not broke, 0, None, broke)
    best = held[-1]
    return Capacity(best.calls, not broke, round(1000 / max(best.cpu_ms_per_call_second, 1e-3)), best, broke)


def held_at(rows: Iterable[Row], system: str, pattern: str, calls: int) -> Row:
    """That system's row at that many calls. NotShownError if it was not measured there, or did not hold them."""
    climbed = rows_of(rows, system, pattern)
    held = held_rows(climbed, system, pattern)
    for row in held:
        if row.calls == calls:
            return row
    broken = climbed[len(held)] if len(held) < len(climbed) else None
    if broken is not None and all(row.calls < calls for row in held):
        raise NotShownError(f"{system} did not hold {broken.calls} calls: {broken.broke}")
    raise NotShownError(f"{system} was not measured at {calls} calls")


def equal_calls(rows: Sequence[Row], system: str, other: str, pattern: str) -> list[int]:
    """The numbers of calls that both held. NotShownError if there are none."""
    for name in (system, other):
        if not rows_of(rows, name, pattern):
            raise NotShownError(f"{name} was not measured")
    one, two = ({r.calls for r in held_rows(rows, name, pattern)} for name in (system, other))
    if not one & two:
        raise NotShownError(f"{system} and {other} held no equal number of calls")
    return sorted(one & two)


def times(rows: Sequence[Row], system: str, other: str, pattern: str, calls: int) -> float:
    """CPU per call-second of ``other`` by that of ``system``, at equal calls that both held. NotShownError."""
    one, two = held_at(rows, system, pattern, calls), held_at(rows, other, pattern, calls)
    return two.cpu_ms_per_call_second / max(one.cpu_ms_per_call_second, 1e-3)


def kb_per_call(rows: Sequence[Row], system: str, pattern: str, least: int, most: int) -> float:
    """Memory of one more call, between so many calls and so many. NotShownError if either end was not held."""
    held = held_rows(rows, system, pattern)
    for calls in (least, most):
        held_at(rows, system, pattern, calls)
    return round(slope([(float(r.calls), r.rss_kb) for r in held if least <= r.calls <= most]), 1)
