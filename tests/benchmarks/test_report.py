from dataclasses import replace

from benchmarks.report import heading, line, section
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


def test_the_section_draws_its_conclusions_from_the_rows() -> None:
    text = section(RESULTS, TITLES)
    assert "a call costs 1.40 × what HAProxy takes" in text
    assert "Pipecat holds 20 calls in the light pattern, Offhook at least 500." in text
    assert "Pipecat takes 12.5 × the CPU of Offhook at 20 calls each." in text
    assert "One more call takes 50 kB" in text


def test_tables_are_whole() -> None:
    rows = [line for line in section(RESULTS, TITLES).splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1


def test_what_was_not_measured_is_said() -> None:
    assert "Not measured: usual-sample (it rained)." in section(RESULTS, TITLES)


def test_callers_that_were_too_busy_are_marked() -> None:
    busy = replace(RESULTS, rows=[replace(row, harness_core=0.9) for row in RESULTS.rows])
    assert "≥ 500\\*" in section(busy, TITLES)
    assert "\\* Callers and far end took more than 70%" in section(busy, TITLES)
