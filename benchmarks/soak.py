"""``make soak``: calls come and go at load, and nothing of the gateway may grow.

A number of calls is held, each lasts about half a minute, and another rings when it ends. Among them are calls that go
wrong: lines that break, callers who hang up in a reply, or talk over each. Every few seconds memory, file descriptors,
threads, tasks and objects of the gateway are read; after a warm-up their growth per ended call is estimated. The exit
code is 1 if one is more than allowed, if something stays when all have hung up, or if calls were lost.

    make soak                       four minutes at 200 calls
    make soak SECONDS=600           the least that goes to benchmarks/results/, flat or not; less goes to out/bench/
    make soak SECONDS=3600          the hour
"""

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from typing import Final

import uvloop

from benchmarks.bad_calls import BadCalls
from benchmarks.callers import Callers
from benchmarks.cores import available, on, plan
from benchmarks.growth import Sample, Trend, left_over, trends
from benchmarks.readings import load_average
from benchmarks.results_file import RESULTS, machine, today
from benchmarks.stage import Stage, StageError, allow_many_sockets, leave_in_order
from benchmarks.systems import WORKSHOP, Running, Setting, start_offhook, versions
from benchmarks.talk import Pattern

CALL_S: Final = 30.0
"""How long a call lasts."""

RINGS_PER_SECOND: Final = 25.0
WARM_UP_SHARE: Final = 0.35
WARM_UP_MOST_S: Final = 300.0
"""The first part is not judged: pools fill, and the allocator finds its level."""

OBSERVED_WITHIN_S: Final = 10.0
EMPTY_WITHIN_S: Final = 30.0
ENDED_CALLS_KEPT: Final = 100
"""Of the gateway: the list of ended calls, which is bounded, is full before anything is judged."""

BAD_SHARE: Final = 0.2
"""So many calls that go wrong ring for each that ends as it should."""

KEPT_S: Final = 600.0
KEPT_CALLS: Final = 200
"""A soak that was shorter, or smaller, is no result to keep."""

LOST_SHARE: Final = 0.001
HELD_SHARE: Final = 0.9
"""Of the calls that were wanted: with fewer under way, this was no load."""


def _appearing(file: Path) -> str:
    until = time.monotonic() + OBSERVED_WITHIN_S
    while not file.exists():
        if time.monotonic() > until:
            raise StageError(f"the gateway does not say what it holds within {OBSERVED_WITHIN_S:g} s")
        time.sleep(0.02)
    return file.read_text()


class Watch:
    """Reads the gateway."""

    def __init__(self, running: Running, observed: Path) -> None:
        self._running = running
        self._observed = observed
        self._began = time.monotonic()

    async def sample(self, calls: int, calls_ended: int) -> Sample:
        """Now. StageError if the gateway is gone or does not answer."""
        self._observed.unlink(missing_ok=True)
        self._running.server.check()
        os.kill(self._running.server.pid, signal.SIGUSR1)
        held = json.loads(await asyncio.to_thread(_appearing, self._observed))
        reading = self._running.server.read()
        return Sample(
            at_s=round(time.monotonic() - self._began, 1),
            calls=calls,
            calls_ended=calls_ended,
            rss_kb=round(reading.rss_bytes / 1000),
            fds=reading.fds,
            threads=reading.threads,
            tasks=held["tasks"],
            objects=held["objects"],
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """By a soak."""

    before: Sample
    samples: list[Sample]
    after: Sample
    """When the last call had gone."""
    ended: int
    """Calls that came and went, the bad ones too."""
    bad: int
    """Of them: calls that went wrong."""
    lost: int
    refused: int
    """The gateway said that it was busy. Not a fault of it, on a machine that is."""


class Churn:
    """Keeps a number of calls, and has bad ones ring beside them."""

    def __init__(self, callers: Callers, bad: BadCalls, calls: int) -> None:
        self._hung_up = 0
        self._callers = callers
        self._bad = bad
        self._wanted = calls
        self._chance = random.Random(7)

    @property
    def ended(self) -> int:
        """Calls that have come and gone."""
        return self._hung_up + self._bad.ended

    async def run(self) -> None:
        """Until cancelled: hang up the oldest as often as calls of that length end, and ring as many."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._ring())
            group.create_task(self._hang_up())
            group.create_task(self._bad.run())

    async def _ring(self) -> None:
        while True:
            missing = self._wanted - self._callers.calls
            refused = self._callers.refused
            if missing > 0:
                await self._callers.ring(min(missing, 5), RINGS_PER_SECOND)
            if missing <= 0 or self._callers.refused > refused:
                await asyncio.sleep(0.2)

    async def _hang_up(self) -> None:
        await asyncio.sleep(CALL_S / 2)
        while True:
            await asyncio.sleep(CALL_S / self._wanted * (0.5 + self._chance.random()))
            if self._callers.calls:
                await self._callers.hang_up(1)
                self._hung_up += 1


async def soak(running: Running, observed: Path, calls: int, seconds: float, every_s: float) -> Seen:
    """Hold the calls, and watch."""
    watch = Watch(running, observed)
    before = await watch.sample(0, 0)
    samples: list[Sample] = []
    bad_calls = BadCalls(running.voice_url, running.auth_token, BAD_SHARE * calls / CALL_S)
    async with bad_calls as bad, Callers(running.voice_url, Pattern.LIGHT, running.auth_token) as callers:
        churn = Churn(callers, bad, calls)
        work = asyncio.create_task(churn.run())
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until and not work.done():
                await asyncio.sleep(every_s)
                callers.count_lost()
                samples.append(await watch.sample(callers.calls, churn.ended))
                print(_line(samples[-1]), flush=True)
        finally:
            work.cancel()
            await asyncio.wait([work])
        if not work.cancelled():
            work.result()
        await callers.hang_up()
    until = time.monotonic() + EMPTY_WITHIN_S
    while True:
        after = await watch.sample(0, churn.ended)
        if not left_over(before, after, calls) or time.monotonic() > until:
            return Seen(before, samples, after, churn.ended, bad.ended, callers.lost, callers.refused)
        await asyncio.sleep(1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 1 if it is not flat."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--every", type=float, default=10.0, metavar="SECONDS", help="between two readings")
    options = parser.parse_args(arguments)
    every_s = min(options.every, options.seconds / 15)
    cores, load = plan(available()), load_average()[0]
    allow_many_sockets()
    leave_in_order()
    print(f"{options.calls} calls for {options.seconds:g} s; {machine()}; {cores}; load average before: {load:.2f}")
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    observed = WORKSHOP / f"observed-{os.getpid()}.json"
    environment = {"OBSERVED_FILE": str(observed), "OFFHOOK_ENDED_CALLS_KEPT": str(ENDED_CALLS_KEPT)}
    try:
        with on(cores.callers), Stage() as stage:
            setting = Setting(stage, cores, Pattern.LIGHT)
            running = start_offhook(setting, module="benchmarks.peers.observed", extra=environment)
            seen = uvloop.run(soak(running, observed, options.calls, options.seconds, every_s))
    except StageError as error:
        print(f"the gateway did not last: {error!s}")
        return 1
    finally:
        observed.unlink(missing_ok=True)
    warm_up_s = min(WARM_UP_MOST_S, options.seconds * WARM_UP_SHARE)
    judged = [sample for sample in seen.samples if sample.at_s >= warm_up_s]
    try:
        found = trends(judged)
    except ValueError as error:
        print(f"too short to judge: {error}")
        return 1
    faults = _faults(found, seen, judged, options.calls)
    print(_verdict(found, faults, seen, judged))
    facts = {
        "date": today(),
        "machine": machine(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "pinned": str(cores),
        "load_before": round(load, 2),
        "versions": versions(),
        "calls": options.calls,
        "seconds": options.seconds,
        "warm_up_s": warm_up_s,
        "calls_ended": seen.ended,
        "calls_bad": seen.bad,
        "calls_lost": seen.lost,
        "calls_refused": seen.refused,
        "faults": faults,
        "trends": [trend.to_json() for trend in found],
        "before": asdict(seen.before),
        "after": asdict(seen.after),
        "samples": [asdict(sample) for sample in seen.samples],
    }
    file = folder(seen.samples[-1].at_s, options.calls) / "soak.json"
    file.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    print(f"written to {file}")
    return 1 if faults else 0


def folder(lasted_s: float, calls: int) -> Path:
    """Where a soak of that length and size is written to, flat or not."""
    return RESULTS if lasted_s >= KEPT_S and calls >= KEPT_CALLS else WORKSHOP


def _faults(found: Sequence[Trend], seen: Seen, judged: Sequence[Sample], wanted: int) -> list[str]:
    faults = [
        " ".join(f"{t.name} grew by {t.per_call:g} {t.unit}".split()) + " per ended call"
        for t in found
        if not t.is_flat
    ]
    faults += left_over(seen.before, seen.after, wanted)
    if seen.lost > LOST_SHARE * max(seen.ended, 1):
        faults.append(f"{seen.lost} calls were lost")
    held = mean(sample.calls for sample in judged)
    if held < HELD_SHARE * wanted:
        faults.append(f"only {held:.0f} of {wanted} calls were under way: the machine is too busy for this load")
    return faults


def _line(sample: Sample) -> str:
    return (
        f"{sample.at_s:7.0f} s {sample.calls:5} calls {sample.calls_ended:7} ended {sample.rss_kb / 1000:8.1f} MB "
        f"{sample.fds:5} fds {sample.threads:3} threads {sample.tasks:5} tasks {sample.objects:8} objects"
    )


def _verdict(found: Sequence[Trend], faults: Sequence[str], seen: Seen, judged: Sequence[Sample]) -> str:
    lasted_s = judged[-1].at_s - judged[0].at_s
    ended = judged[-1].calls_ended - judged[0].calls_ended
    lines = [
        f"\n{seen.ended} calls came and went, {seen.bad} of them badly; {seen.lost} were lost, {seen.refused} refused; "
        f"judged: the last {lasted_s:.0f} s, in which {ended} ended"
    ]
    for trend in found:
        unit = f" {trend.unit}" if trend.unit else ""
        lines.append(
            f"{trend.name:>8}: {trend.first:.10g} → {trend.last:.10g}{unit}; {trend.per_call:+g}{unit} per ended call, "
            f"{trend.most_per_call:g}{unit} allowed"
        )
    lines.append("flat" if not faults else "NOT FLAT: " + "; ".join(faults))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
