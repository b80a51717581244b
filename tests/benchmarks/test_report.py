from dataclasses import replace

from benchmarks.headlines import headlines
from benchmarks.report import heading, line, section
from benchmarks.systems import PIPECAT_UVLOOP
from tests.benchmarks.some_rows import HELD, RESULTS, TITLES


def test_a_line_stands_under_its_heading() -> None:
    assert len(line(HELD)) == len(heading())


def test_a_line_says_what_must_be_said_beside_it() -> None:
    assert "not held: 2 calls lost" in line(replace(HELD, lost=2))
    assert "delays are partly theirs" in line(replace(HELD, harness_core=0.8))


def test_the_section_tells_who_where_and_when() -> None:
    text = section(RESULTS, TITLES)
    for fact in ("2026-01-02", "a machine, 2 cores", "core 1", "load average before it 0.04", "haproxy 2.6"):
        assert fact in text


def test_the_section_has_every_headline() -> None:
    lines = section(RESULTS, TITLES).splitlines()
    assert [line.removeprefix("- ") for line in lines if line.startswith("- ")] == headlines(RESULTS.rows)


def test_who_is_late_at_rest_is_named() -> None:
    lumps = [replace(row, rest_p99_ms=75.0) if row.system == "pipecat" else row for row in RESULTS.rows]
    assert "is 75 ms at rest, with four calls, for it hands sound on in lumps" in section(
        replace(RESULTS, rows=lumps), TITLES
    )
    assert "ms at rest, with four calls" not in section(RESULTS, TITLES)


def test_how_pipecats_server_runs_is_said() -> None:
    about = RESULTS.circumstances
    with_uvloop = replace(about, versions={**about.versions, PIPECAT_UVLOOP: "0.23.0"})
    assert "its server on asyncio's own loop" in section(RESULTS, TITLES)
    assert "its server with uvloop and httptools" in section(replace(RESULTS, circumstances=with_uvloop), TITLES)


def test_tables_are_whole() -> None:
    rows = [line for line in section(RESULTS, TITLES).splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1


def test_what_was_not_measured_is_said() -> None:
    assert "Not measured: usual-sample (it rained)." in section(RESULTS, TITLES)


def test_callers_that_were_too_busy_are_marked() -> None:
    busy = replace(RESULTS, rows=[replace(row, harness_core=0.9) for row in RESULTS.rows])
    assert "≥ 500\\*" in section(busy, TITLES)
    assert "\\* Callers and far end took more than 70%" in section(busy, TITLES)
