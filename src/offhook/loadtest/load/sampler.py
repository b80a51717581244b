"""Looks at the clocks once a second, while a load test runs."""

import time
from dataclasses import dataclass

from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.figures.process import Usage, usage_of
from offhook.loadtest.load.reading import FarReading, NoReadingError, read_far_end
from offhook.loadtest.load.report import Second
from offhook.loadtest.load.tally import Tally
from offhook.loadtest.load.target import Target


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Where everything stood at one moment."""

    at: float
    """Seconds, ``time.monotonic``."""
    lateness: Distribution
    sending: Distribution
    response: Distribution
    missing_ms: float
    far: FarReading | None
    server: Usage | None
    own_cpu_s: float
    streaming: int


class Sampler:
    """Takes snapshots, and compares them."""

    def __init__(self, target: Target, tally: Tally, *, began_at: float) -> None:
        self._target = target
        self._tally = tally
        self._began_at = began_at

    async def take(self) -> Snapshot:
        """Look now. A far end that does not tell is an error of the test."""
        target, tally = self._target, self._tally
        far = None
        if target.stats_url is not None:
            try:
                far = await read_far_end(target.stats_url)
            except NoReadingError as error:
                tally.error(str(error))
        return Snapshot(
            time.monotonic(),
            tally.lateness.copy(),
            tally.sending.copy(),
            tally.response.copy(),
            tally.missing_ms,
            far,
            usage_of(target.pid) if target.pid is not None else None,
            time.process_time(),
            tally.streaming,
        )

    def second(self, before: Snapshot, now: Snapshot) -> Second:
        """What happened between two of them."""
        lasted_s = max(1e-3, now.at - before.at)
        up = now.far.lateness.since(before.far.lateness) if now.far and before.far else None
        server = now.server.cpu_s - before.server.cpu_s if now.server and before.server else None
        far_cpu_s = now.far.cpu_s - before.far.cpu_s if now.far and before.far else None
        return Second(
            at_s=round(now.at - self._began_at, 2),
            streaming=now.streaming,
            errors=self._tally.errors_total,
            lateness_up_p99_ms=_p99(up),
            lateness_down_p99_ms=_p99(now.lateness.since(before.lateness)),
            server_core_share=None if server is None else round(server / lasted_s, 4),
            callers_core_share=round((now.own_cpu_s - before.own_cpu_s) / lasted_s, 4),
            far_end_core_share=None if far_cpu_s is None else round(far_cpu_s / lasted_s, 4),
            rss_bytes=None if now.server is None else now.server.rss_bytes,
        )


def _p99(distribution: Distribution | None) -> float | None:
    value = None if distribution is None else distribution.quantile(0.99)
    return None if value is None else round(value, 2)
