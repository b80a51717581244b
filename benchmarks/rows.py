"""What one rung shows: arithmetic on readings, and nothing else."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final, Self

from offhook.loadtest.figures.distribution import Distribution

PROMISE_MS: Final = 20.0
"""Added delay: a frame later than this is later than the next one was due."""

REST_MOST_MS: Final = 80.0
"""Of the lateness at rest, so much at most is not held against the load: four frames in one lump. Pipecat hands replies
on in lumps of 60 to 80 ms, with four calls as with thirty."""

BUSY: Final = 0.97
"""Of its core: a server that uses more holds no further call."""

WHOLE: Final = 0.95
"""Of the sound that should have arrived: below this, calls are not held but mutilated."""

OWN_LIMIT: Final = 0.7
"""Of their core: above this, callers and far end measure themselves."""


@dataclass(frozen=True, slots=True)
class Window:
    """A few seconds of holding a number of calls. Lateness in milliseconds."""

    seconds: float
    server_cpu_s: float
    callers_cpu_s: float
    far_end_cpu_s: float
    up: Distribution
    """Lateness of callers' sound at the far end."""
    down: Distribution
    """Lateness of replies at the callers."""
    up_ms: float
    """Sound that arrived, of all calls together."""
    down_ms: float


@dataclass(frozen=True, slots=True)
class Row:
    """One system at one number of calls: medians of the windows."""

    system: str
    pattern: str
    calls: int
    cpu_ms_per_call_second: float
    server_core: float
    """Share of a core."""
    rss_kb: float
    """Of all processes of the server."""
    kb_per_call: float
    """More than before the first call, by calls."""
    late_p50_ms: float
    late_p95_ms: float
    """Of both directions together, over the quickest frame of each stream."""
    rest_p99_ms: float
    """p99 of the worse direction with a handful of calls. Who hands sound on in lumps has some that no load causes."""
    up_p99_ms: float
    down_p99_ms: float
    up_share: float
    """Of the sound that callers sent, how much arrived."""
    down_share: float
    """Of the sound that the far end should have sent, how much arrived."""
    callers_core: float
    far_end_core: float
    harness_core: float
    """The busiest core of those that callers and far end run on."""
    lost: int
    """Calls that were not answered, or ended by themselves, so far."""
    refused: int
    """Calls that the system said no to, time and again: it knows its limit."""

    @property
    def late_p99_ms(self) -> float:
        """Of the worse direction: half a conversation that comes late is a late conversation."""
        return max(self.up_p99_ms, self.down_p99_ms)

    @property
    def is_late_at_rest(self) -> bool:
        """It is late by a frame or more before there is any load."""
        return self.rest_p99_ms > PROMISE_MS

    @property
    def added_p99_ms(self) -> float:
        """What the calls add to each other's delay: lateness above that at rest, of which ``REST_MOST_MS`` count."""
        return max(0.0, self.late_p99_ms - min(self.rest_p99_ms, REST_MOST_MS))

    @property
    def broke(self) -> str:
        """Why these calls were not held; empty if they were."""
        if self.lost:
            return f"{self.lost} calls lost"
        if self.refused:
            return f"{self.refused} calls refused"
        if self.added_p99_ms >= PROMISE_MS:
            return f"p99 {self.added_p99_ms:.0f} ms above that at rest"
        if min(self.up_share, self.down_share) < WHOLE:
            return f"{1 - min(self.up_share, self.down_share):.0%} of the sound missing"
        if self.server_core >= BUSY:
            return "core full"
        return ""

    @property
    def own_limit(self) -> bool:
        """Callers or far end were too busy for this row to be about the server alone."""
        return self.harness_core > OWN_LIMIT

    def to_json(self) -> dict[str, Any]:
        """Its fields, and the p99 that it is judged by."""
        return {**asdict(self), "late_p99_ms": self.late_p99_ms}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The row that was written so. KeyError if a field is missing."""
        return cls(**{name: value[name] for name in cls.__slots__})


def row(
    system: str,
    pattern: str,
    calls: int,
    windows: Sequence[Window],
    *,
    reply_share: float,
    rss_bytes: int,
    rss_before_bytes: int,
    rest_p99_ms: float,
    shared_core: bool,
    lost: int,
    refused: int,
) -> Row:
    """Put windows together. ValueError without any, or without calls."""
    if not windows or calls < 1:
        raise ValueError("no windows, or no calls")
    both = [_merged(window.up, window.down) for window in windows]
    callers = median(window.callers_cpu_s / window.seconds for window in windows)
    far_end = median(window.far_end_cpu_s / window.seconds for window in windows)
    call_ms = [window.seconds * 1000 * calls for window in windows]
    return Row(
        system=system,
        pattern=pattern,
        calls=calls,
        cpu_ms_per_call_second=round(
            median(1e6 * w.server_cpu_s / ms for w, ms in zip(windows, call_ms, strict=True)), 3
        ),
        server_core=round(median(window.server_cpu_s / window.seconds for window in windows), 3),
        rss_kb=round(rss_bytes / 1024),
        kb_per_call=round((rss_bytes - rss_before_bytes) / 1024 / calls, 1),
        late_p50_ms=_median_quantile(both, 0.5),
        late_p95_ms=_median_quantile(both, 0.95),
        rest_p99_ms=rest_p99_ms,
        up_p99_ms=_median_quantile([window.up for window in windows], 0.99),
        down_p99_ms=_median_quantile([window.down for window in windows], 0.99),
        up_share=round(median(w.up_ms / ms for w, ms in zip(windows, call_ms, strict=True)), 3),
        down_share=round(median(w.down_ms / ms / reply_share for w, ms in zip(windows, call_ms, strict=True)), 3),
        callers_core=round(callers, 3),
        far_end_core=round(far_end, 3),
        harness_core=round(callers + far_end if shared_core else max(callers, far_end), 3),
        lost=lost,
        refused=refused,
    )


def late_p99_ms(windows: Sequence[Window]) -> float:
    """Of the worse direction; of each, the median of the windows."""
    up, down = [window.up for window in windows], [window.down for window in windows]
    return max(_median_quantile(up, 0.99), _median_quantile(down, 0.99))


def _merged(one: Distribution, other: Distribution) -> Distribution:
    both = one.copy()
    both.merge(other)
    return both


def _median_quantile(distributions: Sequence[Distribution], share: float) -> float:
    return round(median(d.quantile(share) or 0.0 for d in distributions), 2)
