"""The figures as text: for a terminal while they come, and as the README's section."""

from collections.abc import Iterable, Sequence

from benchmarks.conclusions import at, capacity, kb_per_call, rows_of, times
from benchmarks.results_file import Circumstances, Results
from benchmarks.rows import OWN_LIMIT, PROMISE_MS, Row
from benchmarks.talk import Pattern

HEADINGS = ("calls", "CPU ms / call-s", "core", "kB / call", "p50", "p95", "p99 ms", "at rest", "callers + far end")
WIDTHS = (6, 16, 6, 10, 7, 7, 7, 8, 18)

HEADLINE_CALLS = 300
EQUAL_CALLS = 20

STAR = "\\*"

OURS, FLOOR, SAMPLE, PIPECAT = "offhook", "haproxy", "usual-sample", "pipecat"


def heading() -> str:
    """Above the rows in a terminal."""
    return " ".join(f"{name:>{width}}" for name, width in zip(HEADINGS, WIDTHS, strict=True))


def line(row: Row) -> str:
    """One row in a terminal."""
    cells = (
        str(row.calls),
        f"{row.cpu_ms_per_call_second:.2f}",
        f"{row.server_core:.0%}",
        f"{row.kb_per_call:.0f}",
        f"{row.late_p50_ms:.1f}",
        f"{row.late_p95_ms:.1f}",
        f"{row.late_p99_ms:.1f}",
        f"{row.rest_p99_ms:.1f}",
        f"{row.harness_core:.0%} of a core",
    )
    text = " ".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True))
    return text + "".join(f"  ← {note}" for note in remarks(row))


def remarks(row: Row) -> list[str]:
    """What must be said beside a row."""
    notes = [f"not held: {row.broke}"] if row.broke else []
    if row.own_limit:
        notes.append(f"callers and far end above {OWN_LIMIT:.0%} of their core: delays are partly theirs")
    return notes


def section(results: Results, titles: dict[str, str]) -> str:
    """The README's performance section; ``titles`` are the systems', in order."""
    about, rows = results.circumstances, results.rows
    parts = [
        _introduction(about),
        "Sound both ways all the time:",
        _table(rows, titles, Pattern.FULL),
        "Replies in 1.5 of every 4 seconds, in answer to turns of the callers:",
        _table(rows, titles, Pattern.LIGHT),
        "![CPU per call-second, and calls one core holds](benchmarks/results/bench.svg)",
        _conclusions(rows),
        _notes(about, rows),
    ]
    return "\n\n".join(part for part in parts if part)


def _introduction(about: Circumstances) -> str:
    return (
        f"`{about.command}` measures this on your machine, in one run, with the same callers and the same far end for "
        f"all ({about.minutes:.0f} minutes). The figures below: {about.date}, {about.machine}, {about.cores} cores, "
        f"Linux {about.kernel}, Python {about.python}; {about.pinned}; load average before it {about.load_before:.2f}. "
        "Offhook runs as it comes: signatures checked, accounts kept, limits and metrics on."
    )


def _table(rows: Sequence[Row], titles: dict[str, str], pattern: Pattern) -> str:
    headings = (
        *("", "calls", "CPU ms per call-second", "memory per call", "lateness p50 / p95 / p99 (p99 at rest)"),
        *("calls a core holds", "by CPU alone"),
    )
    lines = [_cells(headings), "|---" + "|--:" * (len(headings) - 1) + "|"]
    for system, title in titles.items():
        climbed = rows_of(rows, system, pattern)
        if not climbed:
            continue
        found = capacity(rows, system, pattern)
        row = found.row or climbed[0]
        cells = (
            title,
            str(row.calls),
            f"{row.cpu_ms_per_call_second:.2f}",
            _kb(row.kb_per_call),
            f"{row.late_p50_ms:.1f} / {row.late_p95_ms:.1f} / {row.late_p99_ms:.1f} ms ({row.rest_p99_ms:.1f})",
            f"{found}{STAR if row.own_limit else ''}",
            str(found.by_cpu),
        )
        lines.append(_cells(cells))
    return "\n".join(lines) if len(lines) > 2 else ""


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _kb(kb: float) -> str:
    return f"{kb / 1024:.1f} MB" if kb >= 1000 else f"{max(0, kb):.0f} kB"


def _conclusions(rows: Sequence[Row]) -> str:
    said = []
    floor, ours = (at(rows, system, Pattern.FULL, HEADLINE_CALLS) for system in (FLOOR, OURS))
    if floor and ours:
        ratio = ours.cpu_ms_per_call_second / floor.cpu_ms_per_call_second
        said.append(
            f"At {HEADLINE_CALLS} calls with sound both ways all the time, a call costs {ratio:.2f} × what HAProxy "
            "takes to pass the same bytes on unread."
        )
    for other, name in ((PIPECAT, "Pipecat"), (SAMPLE, "The usual sample")):
        theirs, held = (capacity(rows, system, Pattern.LIGHT) for system in (other, OURS))
        if theirs.held and held.held:
            ours_holds = f"at least {held.held}" if held.is_least else str(held.held)
            said.append(f"{name} holds {theirs.held} calls in the light pattern, Offhook {ours_holds}.")
        equal = times(rows, OURS, other, Pattern.LIGHT, EQUAL_CALLS)
        if equal:
            said.append(f"{name} takes {equal:.1f} × the CPU of Offhook at {EQUAL_CALLS} calls each.")
        if theirs.by_cpu and held.by_cpu:
            said.append(
                f"By CPU alone, each where it holds most, that is {held.by_cpu / theirs.by_cpu:.1f} × the calls."
            )
    kb = kb_per_call(rows, OURS, Pattern.FULL)
    if kb is not None:
        said.append(f"One more call takes {kb:.0f} kB, between 50 and 400.")
    most = capacity(rows, OURS, Pattern.FULL)
    if most.row is not None:
        said.append(f"{most.held} calls in one process have a p99 lateness of {most.row.late_p99_ms:.1f} ms.")
    return "\n".join(f"- {sentence}" for sentence in said)


def _notes(about: Circumstances, rows: Iterable[Row]) -> str:
    notes = [
        "Lateness is of frames, both ways, over the quickest of their stream. Calls are held while their p99 is less "
        f"than {PROMISE_MS:.0f} ms above that of four calls, no sound is missing and nobody is refused; a row is the "
        "most calls of the ladder that were (or the first, if none were), and “≥” says that the ladder ended there. "
        "Memory is of the process, above what it took before the first call. “By CPU alone” is 1000 ms divided by what "
        "a call-second takes.",
        "The usual sample is our own writing, in the shape that most projects begin with "
        "([`usual_sample.py`](benchmarks/peers/usual_sample.py)); Pipecat runs as its guide for Twilio has it, without "
        "its local voice detector ([`pipecat_bot.py`](benchmarks/peers/pipecat_bot.py)). All deltas of the far end "
        "hold 20 ms, so that there are as many messages as there can be. Versions: "
        + ", ".join(f"{name} {number}" for name, number in sorted(about.versions.items()))
        + ".",
    ]
    if any(r.own_limit for r in rows):
        notes.append(
            f"{STAR} Callers and far end took more than {OWN_LIMIT:.0%} of their core there: delays are partly theirs."
        )
    notes += [f"Not measured: {system} ({why})." for system, why in about.skipped.items()]
    return "\n\n".join(notes)
