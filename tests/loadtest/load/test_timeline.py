from itertools import pairwise

from offhook.loadtest.load.report import Second
from offhook.loadtest.load.timeline import Timeline


def row(at_s: float) -> Second:
    return Second(at_s, 1, 0, None, None, None, 0.1, None, None)


def test_a_short_test_is_kept_in_full() -> None:
    line = Timeline(limit=100)
    for at in range(100):
        line.add(row(at))

    assert [each.at_s for each in line.rows] == list(range(100))


def test_a_long_one_is_kept_in_part_and_evenly() -> None:
    line = Timeline(limit=100)
    for at in range(5000):
        line.add(row(at))

    times = [each.at_s for each in line.rows]
    assert 50 <= len(times) <= 100
    assert {b - a for a, b in pairwise(times)} == {64}
