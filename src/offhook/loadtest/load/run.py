"""One load test: ring, hold, look every second, hang up, report."""

import asyncio
import os
import platform
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from offhook.errors import OffhookError
from offhook.loadtest.load.callers import Callers
from offhook.loadtest.load.plan import Plan
from offhook.loadtest.load.recording import Recording
from offhook.loadtest.load.report import Calls, Report, Second, ServerUse, Way
from offhook.loadtest.load.sampler import Sampler, Snapshot
from offhook.loadtest.load.tally import Tally
from offhook.loadtest.load.target import Target, port_of
from offhook.loadtest.load.timeline import Timeline
from offhook.loadtest.load.window import Window
from offhook.loadtest.twilio import Behaviour, TwilioStandIn

SAMPLE_S: Final = 1.0
IN_FLIGHT_S: Final = 0.5
"""After the last call has hung up, what is on its way has so long to arrive and be counted."""

REACH_WITHIN_S: Final = 5.0

PACKAGES: Final = ("offhook", "picows", "uvloop", "uvicorn", "msgspec")

OnSecond = Callable[[Second, Tally], None]


class NothingThereError(OffhookError):
    """No call got an answer: there is no gateway."""


async def run(
    plan: Plan, target: Target, *, recording: Recording | None = None, on_second: OnSecond | None = None
) -> Report:
    """Put that load on that gateway, and return what was found.

    ``on_second`` is called about once a second. Best run by uvloop, in a process that does nothing else: the callers
    are in it. Raises NothingThereError if not one request reached anything.
    """
    await _reach(target.voice_url)
    recording = recording or Recording.in_the_box()
    tally, timeline = Tally(), Timeline()
    began = datetime.now(UTC).isoformat(timespec="seconds")
    standin = TwilioStandIn(
        account_sid=target.account_sid,
        auth_token=target.auth_token,
        voice_url=target.voice_url,
        behaviour=Behaviour(record_s=0),
    )
    async with standin:
        callers = Callers(plan, standin, recording, tally, paced=target.is_scripted)
        sampler = Sampler(target, tally, began_at=time.monotonic())
        first = await sampler.take()
        test = asyncio.create_task(callers.run())
        try:
            ends = await _watch(plan, callers, sampler, tally, timeline, first, on_second, test)
            await test
        finally:
            test.cancel()
            with suppress(asyncio.CancelledError):
                await test
    await asyncio.sleep(IN_FLIGHT_S)
    last = await sampler.take()
    if tally.rung and not tally.streamed and not tally.rejected and _nobody_there(tally):
        raise NothingThereError(f"no gateway answers at {target.voice_url}: {next(iter(tally.errors))}")
    return _report(plan, target, began, tally, timeline, (first, *ends, last))


async def _watch(
    plan: Plan,
    callers: Callers,
    sampler: Sampler,
    tally: Tally,
    timeline: Timeline,
    before: Snapshot,
    on_second: OnSecond | None,
    test: asyncio.Task[None],
) -> tuple[Snapshot, Snapshot, Window]:
    """Look until the end of what is measured; return the two ends of it, and what lay between."""
    begin: Snapshot | None = None
    window = Window()
    while True:
        stops_at_s = plan.measured_from_s if begin is None else plan.ends_at_s - 0.05
        left_s = stops_at_s - callers.at_s
        await asyncio.wait({test}, timeout=max(0.0, min(SAMPLE_S, left_s)))
        now = await sampler.take()
        row = sampler.second(before, now)
        timeline.add(row)
        if on_second is not None:
            on_second(row, tally)
        if begin is not None:
            window.add(before, now)
        before = now
        if left_s > SAMPLE_S and not test.done():
            continue
        if begin is None:
            begin = now
        else:
            return begin, now, window


async def _reach(url: str) -> None:
    """See that somebody listens there, before hundreds of callers wait for it."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(REACH_WITHIN_S):
            _, writer = await asyncio.open_connection(parts.hostname, port_of(url))
    except (OSError, TimeoutError) as error:
        raise NothingThereError(f"no gateway answers at {url}: {error or 'no answer'}") from None
    writer.close()


def _nobody_there(tally: Tally) -> bool:
    return bool(tally.errors) and all("HTTP connection failure" in kind for kind in tally.errors)


def _report(
    plan: Plan,
    target: Target,
    began: str,
    tally: Tally,
    timeline: Timeline,
    moments: tuple[Snapshot, Snapshot, Snapshot, Window, Snapshot],
) -> Report:
    first, begin, end, window, last = moments
    lasted_s = max(1e-3, end.at - begin.at)
    seen = target.is_scripted and begin.far is not None and end.far is not None and last.far is not None
    up = Way(None, end.sending.since(begin.sending), tally.sent_ms, None, tally.discarded_ms)
    down = Way(None, None, None, tally.received_ms, 0.0)
    far_end_takes, far_end_core_share = None, None
    if seen and first.far and begin.far and end.far and last.far:
        far_end_takes = end.far.reply_time.since(begin.far.reply_time)
        far_end_core_share = (end.far.cpu_s - begin.far.cpu_s) / lasted_s
        received_ms = last.far.received_ms - first.far.received_ms
        missing_ms = end.far.missing_ms - begin.far.missing_ms + tally.discarded_ms
        lost_ms = last.far.lost.since(first.far.lost).max or 0.0
        up = Way(
            window.up,
            end.sending.since(begin.sending),
            tally.sent_ms,
            received_ms,
            missing_ms,
            # Where calls come and go, a session may be quiet because its caller has hung up.
            worst_call_ms=max(lost_ms, end.far.quiet_ms if plan.churn_s is None else 0.0),
            unheard=max(0, tally.due - (last.far.heard - first.far.heard)),
        )
        down = Way(
            window.down,
            end.far.sending.since(begin.far.sending),
            last.far.sent_ms - first.far.sent_ms,
            tally.received_ms,
            end.missing_ms - begin.missing_ms,
            worst_call_ms=tally.lost.max or 0.0,
        )
    return Report(
        plan=plan,
        target=target,
        began=began,
        machine=_machine(),
        versions=_versions(),
        calls=Calls(
            tally.rung,
            tally.streamed,
            tally.completed,
            tally.rejected,
            tally.failed,
            round(window.mean_live, 2),
            tally.turns,
            tally.silences,
            tally.unheard,
        ),
        set_up=tally.set_up,
        first_sound=tally.first_sound,
        response=window.response,
        far_end_takes=far_end_takes,
        up=up,
        down=down,
        errors=dict(tally.errors.most_common()),
        server=_server_use(first, begin, end, window.mean_live),
        callers_core_share=(end.own_cpu_s - begin.own_cpu_s) / lasted_s,
        far_end_core_share=far_end_core_share,
        seconds=timeline.rows,
        measured_s=round(window.lasted_s, 2),
        disturbed_s=round(window.disturbed_s, 2),
        is_calm=window.is_calm,
    )


def _server_use(first: Snapshot, begin: Snapshot, end: Snapshot, mean_live: float) -> ServerUse | None:
    if first.server is None or begin.server is None or end.server is None or not mean_live:
        return None
    cpu_s, lasted_s = end.server.cpu_s - begin.server.cpu_s, max(1e-3, end.at - begin.at)
    return ServerUse(
        core_share=round(cpu_s / lasted_s, 4),
        cpu_ms_per_call_second=round(cpu_s * 1000 / lasted_s / mean_live, 4),
        rss_bytes=end.server.rss_bytes,
        rss_bytes_per_call=round((end.server.rss_bytes - first.server.rss_bytes) / mean_live),
    )


def _machine() -> dict[str, str]:
    model = ""
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": model or platform.machine(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
    }


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
