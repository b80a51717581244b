from dataclasses import replace

import pytest
from benchmarks.growth import ENOUGH_CALLS, KB_LEFT_PER_CALL, Sample, Trend, left_over, trends

LEVEL = Sample(at_s=0.0, calls=200, calls_ended=400, rss_kb=100_000, fds=400, threads=6, tasks=400, objects=20_000)

SAMPLES = 40


def samples(ended: int = ENOUGH_CALLS, *, kb_per_call: float = 0.0, objects_per_call: float = 0.0) -> list[Sample]:
    """A run in which so many calls ended, and each left so much; all of it wavers, as it does."""
    found = []
    for number in range(SAMPLES):
        gone = round(ended * number / (SAMPLES - 1))
        wavers = number * 7 % 5 - 2
        found.append(
            replace(
                LEVEL,
                at_s=10.0 * number,
                calls=200 + wavers,
                calls_ended=LEVEL.calls_ended + gone,
                rss_kb=LEVEL.rss_kb + 200 * wavers + kb_per_call * gone,
                fds=400 + 2 * wavers,
                tasks=400 + 2 * wavers,
                objects=LEVEL.objects + 160 * wavers + round(objects_per_call * gone),
            )
        )
    return found


def judged(found: list[Sample]) -> dict[str, Trend]:
    return {trend.name: trend for trend in trends(found)}


def steep(found: list[Sample]) -> list[str]:
    return [trend.name for trend in trends(found) if not trend.is_flat]


def test_what_wavers_is_flat() -> None:
    assert steep(samples()) == []


@pytest.mark.parametrize("ended", [400, ENOUGH_CALLS, 20_000])
def test_a_leak_of_three_kilobytes_or_three_objects_a_call_is_seen(ended: int) -> None:
    assert steep(samples(ended, kb_per_call=3.0)) == ["rss_kb"]
    assert steep(samples(ended, objects_per_call=3.0)) == ["objects"]
    assert judged(samples(ended, kb_per_call=3.0))["rss_kb"].per_call == pytest.approx(3.0, abs=0.5)


def test_a_leak_is_seen_however_slowly_calls_come() -> None:
    slowly = [replace(sample, at_s=sample.at_s * 100) for sample in samples(kb_per_call=3.0)]
    assert trends(slowly) == trends(samples(kb_per_call=3.0))


def test_a_socket_a_call_is_a_leak() -> None:
    leaking = [replace(s, fds=s.fds + s.calls_ended, tasks=s.tasks + s.calls_ended) for s in samples()]
    assert steep(leaking) == ["fds", "tasks"]


def test_a_short_run_is_allowed_no_more_in_all_than_one_of_enough_calls() -> None:
    enough, short = judged(samples()), judged(samples(ENOUGH_CALLS // 10))
    assert enough["rss_kb"].most_per_call == 1.0
    assert short["rss_kb"].most_per_call * ENOUGH_CALLS / 10 == enough["rss_kb"].most_per_call * ENOUGH_CALLS
    assert judged(samples(20_000))["objects"].most_per_call == 1.0


def test_one_spike_is_no_leak() -> None:
    spiked = samples()
    spiked[-1] = replace(spiked[-1], rss_kb=180_000)
    assert steep(spiked) == []


def test_shrinking_is_no_fault() -> None:
    assert steep([replace(s, tasks=4000 - s.calls_ended) for s in samples()]) == []


def test_what_stays_when_the_last_call_has_gone_is_told() -> None:
    before = replace(LEVEL, calls=0, calls_ended=0)
    assert not left_over(before, before, 200)
    after = replace(before, fds=420, tasks=410, objects=60_000, rss_kb=150_000)
    assert left_over(before, after, 200) == [
        "20 file descriptors more than before the first call",
        "10 tasks more than before the first call",
        "40000 objects more than before the first call",
        "50000 kB of memory more than before the first call",
    ]


def test_memory_that_may_stay_is_by_the_calls_there_were_at_once() -> None:
    before = replace(LEVEL, calls=0)
    after = replace(before, rss_kb=before.rss_kb + 5_000 + KB_LEFT_PER_CALL * 200)
    assert not left_over(before, after, 200)
    assert left_over(before, after, 100)


@pytest.mark.parametrize("found", [[], [LEVEL], [LEVEL, replace(LEVEL, at_s=10.0)]])
def test_a_trend_needs_calls_that_ended(found: list[Sample]) -> None:
    with pytest.raises(ValueError, match="calls that ended between them"):
        trends(found)
