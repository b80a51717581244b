"""``make bench``: what a call costs, beside HAProxy, the usual sample and Pipecat, in one run.

The server under test has a core for itself; callers and far end are on another (on two, where there are more). Calls
are added until 99 % of frames are no longer less than 20 ms late, or the ladder ends. The figures of a whole run on a
quiet machine are written to benchmarks/results/ and into the README; those of a part, of ladders that are climbed
beyond what is held, and of a busy machine to out/bench/.

    make bench                                      everything; about a quarter of an hour
    python -m benchmarks.bench --quick              fewer rungs and shorter; three minutes
    python -m benchmarks.bench --only offhook haproxy --pattern full --rungs 100 300
"""

import argparse
import gc
import os
import platform
import sys
import time
from collections.abc import Sequence
from typing import Final

import uvloop

from benchmarks import chart, readme
from benchmarks.cores import CorePlan, available, on, plan
from benchmarks.ladder import Pace, climb
from benchmarks.readings import load_average
from benchmarks.report import heading, line
from benchmarks.results_file import BENCH, RESULTS, Circumstances, Results, machine, today
from benchmarks.rows import Row
from benchmarks.stage import Stage, StageError, allow_many_sockets, leave_in_order
from benchmarks.systems import SYSTEMS, WORKSHOP, Setting, System, versions
from benchmarks.talk import Pattern

QUIET_LOAD: Final = 1.0
"""Load average of the minute before: above that, something else takes the cores that are to be measured."""

THOROUGH = Pace(windows=3, window_s=3.0)
HASTY = Pace(windows=2, window_s=2.0)


def why_not_kept(options: argparse.Namespace) -> str:
    """Why the figures are no results, by what was asked for; empty if they are."""
    if options.to_the_top:
        return "--to-the-top climbs above what is held"
    if options.quick or options.only or options.rungs or len(options.pattern) < len(Pattern):
        return "only a part was asked for"
    return ""


def why_too_busy(load: float) -> str:
    """Why this is no moment to measure; empty if it is one."""
    if load <= QUIET_LOAD:
        return ""
    return f"the load average was {load:.2f} before it, above {QUIET_LOAD:g}"


def measure(
    system: System, pattern: Pattern, rungs: Sequence[int], pace: Pace, cores: CorePlan, *, to_the_top: bool
) -> list[Row]:
    """Start it, climb, end it. StageError if it cannot be done; then what was measured until then is lost."""
    rows: list[Row] = []

    def on_row(row: Row) -> None:
        rows.append(row)
        print(line(row), flush=True)

    print(f"\n{system.title} · {pattern}\n{heading()}", flush=True)
    with Stage() as stage:
        running = system.start(Setting(stage, cores, pattern))
        uvloop.run(climb(system, running, pattern, rungs, pace, cores, on_row, to_the_top=to_the_top))
    gc.collect()
    return rows


def run(systems: Sequence[System], options: argparse.Namespace, cores: CorePlan) -> tuple[list[Row], dict[str, str]]:
    """All systems, one after another; and those that could not be measured, with why."""
    rows: list[Row] = []
    skipped: dict[str, str] = {}
    pace = HASTY if options.quick else THOROUGH
    for system in systems:
        if why := system.missing():
            skipped[system.name] = why
            print(f"\n{system.title}: not measured, {why}", flush=True)
    for pattern in options.pattern:
        for system in systems:
            rungs = options.rungs or (system.quick if options.quick else system.ladders)[pattern]
            if system.name in skipped or not rungs:
                continue
            try:
                rows += measure(system, pattern, rungs, pace, cores, to_the_top=options.to_the_top)
            except StageError as error:
                skipped[system.name] = str(error).splitlines()[0]
                print(f"  not measured: {error}", flush=True)
    return rows, skipped


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 1 if nothing could be measured, 2 if the machine is too busy."""
    options = _parser().parse_args(arguments)
    systems = [system for system in SYSTEMS if not options.only or system.name in options.only]
    cores = plan(available())
    load, began = load_average()[0], time.monotonic()
    not_kept, busy = why_not_kept(options), why_too_busy(load)
    if busy and not not_kept and not options.force:
        print(
            f"not measured: {busy}, so the figures would be about whatever else runs. Please try again when the "
            "machine is quiet, or add --force (python -m benchmarks.bench --force): then they go to out/bench/."
        )
        return 2
    not_kept = not_kept or busy
    allow_many_sockets()
    leave_in_order()
    print(f"{machine()}, {os.cpu_count()} cores; {cores}; load average before: {load:.2f}")
    with on(cores.callers):
        rows, skipped = run(systems, options, cores)
    if not rows:
        return 1
    words = " ".join(sys.argv[1:] if arguments is None else arguments)
    about = Circumstances(
        date=today(),
        command=f"python -m benchmarks.bench {words}" if words else "make bench",
        machine=machine(),
        cores=os.cpu_count() or 1,
        kernel=platform.release(),
        python=platform.python_version(),
        pinned=str(cores),
        load_before=round(load, 2),
        minutes=round((time.monotonic() - began) / 60, 1),
        versions=versions(),
        skipped=skipped,
    )
    results = Results(about, rows)
    folder = WORKSHOP if not_kept else RESULTS
    results.write(folder / BENCH.name)
    (folder / "bench.svg").write_text(chart.draw(results, readme.titles()))
    print(f"\nwritten to {folder}/bench.json and bench.svg, after {about.minutes:.1f} minutes")
    if not_kept:
        print(f"results and README are as they were: {not_kept}")
    else:
        readme.rewrite()
        print("the README's performance section was made anew")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.partition("\n")[0])
    names = [system.name for system in SYSTEMS]
    parser.add_argument("--quick", action="store_true", help="fewer rungs and shorter; about three minutes")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--pattern", nargs="+", type=Pattern, choices=list(Pattern), default=list(Pattern))
    parser.add_argument("--rungs", nargs="+", type=int, metavar="N", help="numbers of calls, in place of the ladder's")
    parser.add_argument("--to-the-top", action="store_true", help="climb on when the promise broke; for busy machines")
    parser.add_argument("--force", action="store_true", help="measure on a busy machine too, for out/bench/ only")
    return parser


if __name__ == "__main__":
    sys.exit(main())
