"""The figures as text: for a terminal while they come, and as the README's section."""

from collections.abc import Iterable, Sequence

from benchmarks.conclusions import capacity, rows_of
from benchmarks.headlines import PIPECAT, headlines
from benchmarks.results_file import Circumstances, Results
from benchmarks.rows import OWN_LIMIT, PROMISE_MS, REST_MOST_MS, Row
from benchmarks.systems import PIPECAT_UVLOOP
from benchmarks.talk import Pattern

HEADINGS = ("calls", "CPU ms / call-s", "core", "kB / call", "p50", "p95", "p99 ms", "at rest", "callers + far end")
WIDTHS = (6, 16, 6, 10, 7, 7, 7, 8, 18)

STAR = "\\*"


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
        "\n".join(f"- {sentence}" for sentence in headlines(rows)),
        _notes(about, rows, titles),
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
        *("", "calls", "CPU ms per call-second", "memory per call", "lateness p50 / p95, p99 the worse way (at rest)"),
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
            f"{row.late_p50_ms:.1f} / {row.late_p95_ms:.1f}, {row.late_p99_ms:.1f} ms ({row.rest_p99_ms:.1f})",
            f"{found}{STAR if row.own_limit else ''}",
            str(found.by_cpu),
        )
        lines.append(_cells(cells))
    return "\n".join(lines) if len(lines) > 2 else ""


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _kb(kb: float) -> str:
    return f"{kb / 1024:.1f} MB" if kb >= 1000 else f"{max(0, kb):.0f} kB"


def _notes(about: Circumstances, rows: Sequence[Row], titles: dict[str, str]) -> str:
    notes = [
        "Lateness is of frames over the quickest of their stream: p50 and p95 of both ways together, p99 of the worse "
        f"one. Calls are held while that p99 is less than {PROMISE_MS:.0f} ms above that of four calls (“at rest”, of "
        f"which {REST_MOST_MS:.0f} ms count at most), no sound is missing and nobody is refused, on this rung and on "
        "all below it. A row is the most calls of the ladder that were (or the first, if none were), and “≥” says "
        "that the ladder ended there, or that callers and far end were too busy to tell whose delay came next. "
        "Memory is of the process, above what it took before the first call. “By CPU alone” is 1000 ms divided by what "
        "a call-second takes.",
        "The usual sample is our own writing, in the shape that most projects begin with "
        "([`usual_sample.py`](benchmarks/peers/usual_sample.py)); Pipecat runs as its guide for Twilio has it, without "
        "its local voice detector ([`pipecat_bot.py`](benchmarks/peers/pipecat_bot.py)), "
        f"{_pipecat_server(about)}. All deltas of the far end "
        "hold 20 ms, so that there are as many messages as there can be. Versions: "
        + ", ".join(f"{name} {number}" for name, number in sorted(about.versions.items()))
        + ".",
    ]
    if any(r.own_limit for r in rows):
        notes.append(
            f"{STAR} Callers and far end took more than {OWN_LIMIT:.0%} of their core there: delays are partly theirs."
        )
    notes += _late_at_rest(rows, titles)
    notes += [f"Not measured: {system} ({why})." for system, why in about.skipped.items()]
    return "\n\n".join(notes)


def _pipecat_server(about: Circumstances) -> str:
    if PIPECAT_UVLOOP in about.versions:
        return "its server with uvloop and httptools, as uvicorn[standard] brings them"
    return "its server on asyncio's own loop, without uvloop and httptools"


def _late_at_rest(rows: Iterable[Row], titles: dict[str, str]) -> list[str]:
    """Of systems that are late before there is load, the latest they were."""
    rest_ms: dict[str, float] = {}
    for row in rows:
        if row.is_late_at_rest:
            rest_ms[row.system] = max(row.rest_p99_ms, rest_ms.get(row.system, 0.0))
    return [
        f"{titles.get(system, system)}: p99 is {ms:.0f} ms at rest, with four calls"
        + (", for it hands sound on in lumps of 60–80 ms" if system == PIPECAT else "")
        + ". That is not held against its load, but its callers hear it."
        for system, ms in rest_ms.items()
    ]
