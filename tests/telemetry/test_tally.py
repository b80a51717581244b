from math import inf, nan

import pytest

from offhook.telemetry.tally import Tally


def test_a_value_counts_under_the_least_bound_that_holds_it() -> None:
    tally = Tally((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 99.0):
        tally.add(value)
    assert tally.counts == [2, 2, 1]
    assert tally.count == 5
    assert tally.sum == pytest.approx(104.0)


@pytest.mark.parametrize("value", [-1.0, nan])
def test_what_is_no_duration_counts_as_none(value: float) -> None:
    tally = Tally((1.0,))
    tally.add(value)
    assert tally.counts == [1, 0]
    assert tally.sum == 0.0


def test_a_quantile_is_the_bound_that_the_share_lies_below() -> None:
    tally = Tally((1.0, 2.0, 5.0))
    assert tally.quantile(0.99) == 0.0
    for value in [0.5] * 98 + [1.5, 4.0]:
        tally.add(value)
    assert tally.quantile(0.5) == 1.0
    assert tally.quantile(0.99) == 2.0
    assert tally.quantile(1.0) == 5.0
    tally.add(60.0)
    assert tally.quantile(1.0) == inf


def test_a_quantile_can_look_at_the_latest_values_only() -> None:
    tally = Tally((1.0, 2.0))
    tally.add(0.5)
    then = tuple(tally.counts)
    assert tally.quantile(0.5, since=then) == 0.0
    tally.add(1.5)
    assert tally.quantile(0.5, since=then) == 2.0


@pytest.mark.parametrize("bounds", [(), (2.0, 1.0), (1.0, 1.0)])
def test_bounds_that_do_not_rise_are_refused(bounds: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rise"):
        Tally(bounds)
