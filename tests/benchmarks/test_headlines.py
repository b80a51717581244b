from dataclasses import replace
from typing import Any

from benchmarks.headlines import HEADLINES, headlines
from benchmarks.rows import Row
from tests.benchmarks.some_rows import ROWS, row

SAMPLES = [
    row("usual-sample", "light", 20, 16.0),
    row("usual-sample", "light", 500, 8.0),
    row("usual-sample-ulaw", "light", 20, 6.0),
    row("offhook-24k", "light", 20, 8.0),
]


def said(rows: list[Row]) -> str:
    return "\n".join(headlines(rows))


def broken(system: str, pattern: str, calls: int, **change: Any) -> list[Row]:
    return [replace(r, **change) if (r.system, r.pattern, r.calls) == (system, pattern, calls) else r for r in ROWS]


def test_what_the_rows_carry_is_said() -> None:
    text = said(ROWS)
    assert "takes Offhook 1.40 ms of CPU, and HAProxy 1.00 ms to pass the same bytes on unread: 1.4 ×." in text
    assert "In the light pattern, Offhook holds at least 500 calls on one core." in text
    assert "In the light pattern, Pipecat holds 20 calls on one core." in text
    assert "light pattern, Pipecat : Offhook: 12.5 × at 20 calls each." in text
    assert "One more call takes 50 kB of memory, by the slope between 50 and 400 calls." in text
    assert "500 calls in one process, sound both ways all the time, have a p99 lateness of 12.0 ms" in text


def test_like_is_compared_with_like() -> None:
    text = said([*ROWS, *SAMPLES])
    assert "the usual sample : Offhook: 8.0 × at 20 calls each, 8.0 × at 500 calls each. Offhook passes µ-law" in text
    assert "the usual sample : Offhook, resampling: 2.0 × at 20 calls each. Both resample 8 ↔ 24 kHz." in text
    assert "passed through : Offhook: 3.0 × at 20 calls each. Both pass µ-law through." in text


def test_a_headline_whose_row_was_not_held_says_so() -> None:
    late = said(broken("offhook", "full", 500, up_p99_ms=50.0))
    assert "Not shown: p99 lateness of 500 calls in one process (offhook did not hold 500 calls: p99 49 ms" in late
    refused = said(broken("offhook", "full", 300, refused=3))
    assert "Not shown: Offhook : HAProxy at 300 calls (offhook did not hold 300 calls: 3 calls refused)." in refused
    assert "Not shown: memory of one more call, 50 to 400 calls (offhook did not hold 300 calls" in refused
    none = said(broken("pipecat", "light", 20, lost=1))
    assert "Not shown: calls a core holds in the light pattern, Pipecat (none were held: 1 calls lost)." in none
    assert "CPU of Pipecat : Offhook, light pattern (offhook and pipecat held no equal number of calls)." in none


def test_nothing_is_left_out() -> None:
    assert len(headlines([])) == len(HEADLINES)
    assert all(line.startswith("Not shown: ") for line in headlines([]))


def test_callers_that_were_too_busy_are_mentioned() -> None:
    assert "(with callers and far end above 70% of their core)" in said(
        broken("offhook", "full", 500, harness_core=0.8)
    )
