"""The sentences of the performance section. One whose rows were not held says why it is not shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.conclusions import NotShownError, capacity, equal_calls, held_at, kb_per_call, times
from benchmarks.rows import OWN_LIMIT, Row
from benchmarks.talk import Pattern

OURS: Final = "offhook"
OURS_24K: Final = "offhook-24k"
FLOOR: Final = "haproxy"
SAMPLE: Final = "usual-sample"
SAMPLE_ULAW: Final = "usual-sample-ulaw"
PIPECAT: Final = "pipecat"

NAMES: Final = {
    OURS: "Offhook",
    OURS_24K: "Offhook, resampling",
    SAMPLE: "the usual sample",
    SAMPLE_ULAW: "the usual sample with µ-law passed through",
    PIPECAT: "Pipecat",
}

FLOOR_CALLS: Final = 300
MANY_CALLS: Final = 500
SLOPE_CALLS: Final = (50, 400)


@dataclass(frozen=True, slots=True)
class Headline:
    """One sentence. ``say`` raises NotShownError if the rows do not carry it."""

    what: str
    say: Callable[[Sequence[Row]], str]

    def text(self, rows: Sequence[Row]) -> str:
        """The sentence, or why there is none."""
        try:
            return self.say(rows)
        except NotShownError as error:
            return f"Not shown: {self.what} ({error})."


def headlines(rows: Sequence[Row]) -> list[str]:
    """All of them, in order."""
    return [headline.text(rows) for headline in HEADLINES]


def _beside_the_floor(rows: Sequence[Row]) -> str:
    ours, floor = (held_at(rows, system, Pattern.FULL, FLOOR_CALLS) for system in (OURS, FLOOR))
    ratio = times(rows, FLOOR, OURS, Pattern.FULL, FLOOR_CALLS)
    return (
        f"At {FLOOR_CALLS} calls with sound both ways all the time, a call-second takes Offhook "
        f"{ours.cpu_ms_per_call_second:.2f} ms of CPU, and HAProxy {floor.cpu_ms_per_call_second:.2f} ms to pass the "
        f"same bytes on unread: {ratio:.1f} ×{_busy(ours, floor)}."
    )


def _calls_a_core_holds(system: str) -> Headline:
    def say(rows: Sequence[Row]) -> str:
        found = capacity(rows, system, Pattern.LIGHT)
        if found.row is None:
            raise NotShownError(f"none were held: {found.broke}" if found.broke else f"{system} was not measured")
        least = "at least " if found.is_least else ""
        return f"In the light pattern, {NAMES[system]} holds {least}{found.held} calls on one core{_busy(found.row)}."

    return Headline(f"calls a core holds in the light pattern, {NAMES[system]}", say)


def _cost_beside(ours: str, other: str, pattern: Pattern, what_each_does: str) -> Headline:
    """At the fewest and at the most calls that both held."""

    def say(rows: Sequence[Row]) -> str:
        both = equal_calls(rows, ours, other, pattern)
        ratios = [
            f"{times(rows, ours, other, pattern, calls):.1f} × at {calls} calls each"
            for calls in sorted({both[0], both[-1]})
        ]
        return (
            f"CPU per call-second, {pattern} pattern, {NAMES[other]} : {NAMES[ours]}: {', '.join(ratios)}. "
            f"{what_each_does}"
        )

    return Headline(f"CPU of {NAMES[other]} : {NAMES[ours]}, {pattern} pattern", say)


def _memory(rows: Sequence[Row]) -> str:
    least, most = SLOPE_CALLS
    kb = kb_per_call(rows, OURS, Pattern.FULL, least, most)
    return f"One more call takes {kb:.0f} kB of memory, by the slope between {least} and {most} calls."


def _many_calls(rows: Sequence[Row]) -> str:
    row = held_at(rows, OURS, Pattern.FULL, MANY_CALLS)
    return (
        f"{MANY_CALLS} calls in one process, sound both ways all the time, have a p99 lateness of "
        f"{row.late_p99_ms:.1f} ms, the worse way{_busy(row)}."
    )


def _busy(*rows: Row) -> str:
    if any(row.own_limit for row in rows):
        return f" (with callers and far end above {OWN_LIMIT:.0%} of their core)"
    return ""


UNLIKE: Final = "Offhook passes µ-law through; the sample resamples 8 ↔ 24 kHz, in a thread."
ALIKE_24K: Final = "Both resample 8 ↔ 24 kHz."
ALIKE_ULAW: Final = "Both pass µ-law through."
PIPECAT_DOES: Final = "Offhook passes µ-law through; Pipecat resamples 8 ↔ 24 kHz."

HEADLINES: Final = (
    Headline(f"Offhook : HAProxy at {FLOOR_CALLS} calls", _beside_the_floor),
    *(_calls_a_core_holds(system) for system in (OURS, SAMPLE, SAMPLE_ULAW, PIPECAT)),
    _cost_beside(OURS, PIPECAT, Pattern.LIGHT, PIPECAT_DOES),
    _cost_beside(OURS_24K, PIPECAT, Pattern.LIGHT, ALIKE_24K),
    _cost_beside(OURS, SAMPLE, Pattern.LIGHT, UNLIKE),
    *(_cost_beside(OURS_24K, SAMPLE, pattern, ALIKE_24K) for pattern in Pattern),
    *(_cost_beside(OURS, SAMPLE_ULAW, pattern, ALIKE_ULAW) for pattern in Pattern),
    Headline(f"memory of one more call, {SLOPE_CALLS[0]} to {SLOPE_CALLS[1]} calls", _memory),
    Headline(f"p99 lateness of {MANY_CALLS} calls in one process", _many_calls),
)
