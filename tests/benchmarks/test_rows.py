from dataclasses import replace
from typing import Any

import pytest
from benchmarks.rows import REST_MOST_MS, Row, Window, late_p99_ms, row
from tests.benchmarks.some_rows import HELD

from offhook.loadtest.figures.distribution import Distribution


def lateness(*values_ms: float) -> Distribution:
    distribution = Distribution()
    for value in values_ms:
        distribution.add(value)
    return distribution


def window(server_cpu_s: float, up_ms: float = 20_000.0, late_ms: float = 1.0) -> Window:
    return Window(
        seconds=2.0,
        server_cpu_s=server_cpu_s,
        callers_cpu_s=0.6,
        far_end_cpu_s=1.0,
        up=lateness(*[late_ms] * 100),
        down=lateness(*[late_ms] * 100),
        up_ms=up_ms,
        down_ms=7_500.0,
    )


def measured(*windows: Window, shared_core: bool = True) -> Row:
    return row(
        "offhook",
        "light",
        10,
        windows,
        reply_share=0.375,
        rss_bytes=3 * 1024 * 1024,
        rss_before_bytes=2 * 1024 * 1024,
        rest_p99_ms=1.0,
        shared_core=shared_core,
        lost=0,
        refused=0,
    )


def test_a_row_is_the_median_of_its_windows() -> None:
    r = measured(window(0.02), window(0.03), window(1.9))
    assert r.cpu_ms_per_call_second == pytest.approx(1.5)
    assert r.server_core == pytest.approx(0.015)


def test_sound_that_arrived_is_a_share_of_what_was_sent() -> None:
    r = measured(window(0.02, up_ms=15_000.0))
    assert (r.up_share, r.down_share) == (0.75, 1.0)
    assert r.broke == "25% of the sound missing"


def test_memory_is_counted_from_before_the_first_call() -> None:
    assert measured(window(0.02)).kb_per_call == pytest.approx(102.4)


def test_callers_and_far_end_add_up_where_they_share_a_core() -> None:
    assert measured(window(0.02)).harness_core == pytest.approx(0.8)
    assert measured(window(0.02)).own_limit
    assert measured(window(0.02), shared_core=False).harness_core == pytest.approx(0.5)


@pytest.mark.parametrize("way", ["up_p99_ms", "down_p99_ms"])
def test_lateness_is_judged_by_the_worse_way(way: str) -> None:
    change: dict[str, Any] = {way: 45.0}
    late = replace(HELD, **change)
    assert late.late_p99_ms == 45.0
    assert late.broke == "p99 44 ms above that at rest"


def test_lateness_of_one_way_does_not_drown_in_the_sound_of_the_other() -> None:
    few = replace(window(0.02), down=lateness(60.0))
    assert late_p99_ms([few]) == pytest.approx(60, rel=0.02)


def test_only_so_much_of_the_lateness_at_rest_is_forgiven() -> None:
    lumps = replace(HELD, rest_p99_ms=75.0, down_p99_ms=90.0)
    assert lumps.is_late_at_rest
    assert not lumps.broke
    hopeless = replace(HELD, rest_p99_ms=500.0, down_p99_ms=500.0)
    assert hopeless.broke == f"p99 {500 - REST_MOST_MS:.0f} ms above that at rest"


def test_lateness_that_was_there_at_rest_is_not_held_against_the_load() -> None:
    assert not measured(window(0.02, late_ms=20.0)).broke
    assert measured(window(0.02, late_ms=25.0)).broke == "p99 24 ms above that at rest"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"lost": 2}, "2 calls lost"),
        ({"refused": 3}, "3 calls refused"),
        ({"server_core": 0.98}, "core full"),
        ({}, ""),
    ],
)
def test_a_row_says_why_it_was_not_held(change: dict[str, Any], why: str) -> None:
    assert replace(HELD, **change).broke == why


def test_a_row_comes_back_from_json() -> None:
    assert Row.from_json(HELD.to_json()) == HELD


def test_without_windows_there_is_no_row() -> None:
    with pytest.raises(ValueError, match="no windows"):
        measured()
