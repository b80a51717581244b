from dataclasses import replace

import pytest
from benchmarks.growth import Sample, left_over, trends

LEVEL = Sample(at_s=0.0, calls=200, calls_ended=0, rss_mb=100.0, fds=400, threads=6, tasks=400, objects=20_000)


def steady(count: int = 20) -> list[Sample]:
    return [replace(LEVEL, at_s=10.0 * number, fds=400 + number % 3) for number in range(count)]


def test_what_wavers_is_flat() -> None:
    assert all(trend.is_flat for trend in trends(steady()))


def test_a_leak_is_seen_below_the_noise() -> None:
    leaking = [replace(s, rss_mb=s.rss_mb + 0.03 * s.at_s + (n % 2)) for n, s in enumerate(steady())]
    by_name = {trend.name: trend for trend in trends(leaking)}
    assert not by_name["rss_mb"].is_flat
    assert by_name["rss_mb"].per_hour == pytest.approx(108, rel=0.1)
    assert by_name["fds"].is_flat


def test_one_spike_is_no_leak() -> None:
    samples = steady()
    samples[-1] = replace(samples[-1], rss_mb=180.0)
    assert all(trend.is_flat for trend in trends(samples))


def test_shrinking_is_no_fault() -> None:
    assert all(trend.is_flat for trend in trends([replace(s, tasks=400 - round(s.at_s)) for s in steady()]))


def test_what_stays_when_the_last_call_has_gone_is_told() -> None:
    assert not left_over(LEVEL, LEVEL)
    assert left_over(LEVEL, replace(LEVEL, fds=420, tasks=410)) == [
        "20 file descriptors more than before the first call",
        "10 tasks more than before the first call",
    ]


def test_a_trend_needs_two_samples() -> None:
    with pytest.raises(ValueError, match="two samples"):
        trends([LEVEL])
