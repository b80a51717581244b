"""One system: calls are added rung by rung and measured on each, until the promise breaks or the ladder ends."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.callers import Callers
from benchmarks.cores import CorePlan
from benchmarks.rows import Row, Window, late_p99_ms, row
from benchmarks.systems import Running, System
from benchmarks.talk import Pattern
from offhook.loadtest.figures.distribution import Distribution

WARM_UP_CALLS: Final = 4
RING_ATTEMPTS: Final = 4
RING_AGAIN_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is measured: so many windows of so many seconds."""

    windows: int
    window_s: float
    settle_s: float = 2.0
    """Between the beginning of the last call of a rung and the first window."""


@dataclass(frozen=True, slots=True)
class Moment:
    """All that is read at the ends of a window."""

    at: float
    server_cpu_s: float
    rss_bytes: int
    callers_cpu_s: float
    far_end_cpu_s: float
    up: Distribution
    down: Distribution
    up_ms: float
    down_ms: float


async def climb(
    system: System,
    running: Running,
    pattern: Pattern,
    rungs: Sequence[int],
    pace: Pace,
    cores: CorePlan,
    on_row: Callable[[Row], None],
    *,
    to_the_top: bool = False,
) -> None:
    """Hold each number of calls in turn. Stops after the first that is not held, unless it is to go ``to_the_top``."""
    async with Callers(running.voice_url, pattern, running.auth_token) as callers:
        await callers.ring(WARM_UP_CALLS, system.rings_per_second)
        await asyncio.sleep(pace.settle_s)
        at_rest, _ = await _windows(running, callers, pace)
        rest_p99_ms = min(late_p99_ms([window]) for window in at_rest)
        await callers.hang_up()
        await asyncio.sleep(0.5)
        callers.lost = 0
        rss_before = running.server.read().rss_bytes
        for calls in rungs:
            await _bring_to(calls, callers, system.rings_per_second)
            await asyncio.sleep(pace.settle_s)
            windows, rss = await _windows(running, callers, pace)
            lost = callers.count_lost()
            if not callers.calls:
                return
            measured = row(
                system.name,
                pattern,
                callers.calls,
                windows,
                reply_share=pattern.reply_share,
                rss_bytes=rss,
                rss_before_bytes=rss_before,
                rest_p99_ms=rest_p99_ms,
                shared_core=cores.shared,
                lost=lost,
                refused=max(0, calls - callers.calls - lost),
            )
            on_row(measured)
            if measured.broke and not to_the_top:
                break
        await callers.hang_up()


async def _bring_to(calls: int, callers: Callers, rings_per_second: float) -> None:
    """Ring until so many are under way. Who hears that the line is busy tries again, as people do, a few times."""
    for _ in range(RING_ATTEMPTS):
        await callers.ring(calls - callers.calls, rings_per_second)
        if callers.calls >= calls:
            return
        await asyncio.sleep(RING_AGAIN_S)


async def _windows(running: Running, callers: Callers, pace: Pace) -> tuple[list[Window], int]:
    """And what memory the server had at their end, in bytes."""
    windows, rss_bytes = [], 0
    for _ in range(pace.windows):
        before = await _moment(running, callers)
        await asyncio.sleep(pace.window_s)
        after = await _moment(running, callers)
        windows.append(_between(before, after))
        rss_bytes = after.rss_bytes
    return windows, rss_bytes


async def _moment(running: Running, callers: Callers) -> Moment:
    figures = await asyncio.to_thread(far_end_figures, running.figures_url)
    far_end_cpu_s = sum(actor.read().cpu_s for actor in running.far_end)
    server = running.server.read()
    return Moment(
        at=time.monotonic(),
        server_cpu_s=server.cpu_s,
        rss_bytes=server.rss_bytes,
        callers_cpu_s=time.process_time(),
        far_end_cpu_s=far_end_cpu_s,
        up=Distribution.from_json(figures["lateness"]),
        down=callers.lateness.copy(),
        up_ms=float(figures["received_ms"]),
        down_ms=callers.heard_ms,
    )


def _between(before: Moment, after: Moment) -> Window:
    return Window(
        seconds=after.at - before.at,
        server_cpu_s=after.server_cpu_s - before.server_cpu_s,
        callers_cpu_s=after.callers_cpu_s - before.callers_cpu_s,
        far_end_cpu_s=after.far_end_cpu_s - before.far_end_cpu_s,
        up=after.up.since(before.up),
        down=after.down.since(before.down),
        up_ms=after.up_ms - before.up_ms,
        down_ms=after.down_ms - before.down_ms,
    )


def far_end_figures(url: str) -> dict[str, Any]:
    """What the far end has counted since it started."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        figures: dict[str, Any] = json.load(answer)
        return figures
