import json
import random

import pytest

from offhook.loadtest.figures.distribution import CEILING, FLOOR, Distribution


def of(*values: float, error: float = 0.01) -> Distribution:
    counted = Distribution(error)
    for value in values:
        counted.add(value)
    return counted


@pytest.mark.parametrize("error", [0.001, 0.01, 0.02])
def test_quantiles_are_right_to_within_the_error(error: float) -> None:
    chance = random.Random(3)
    values = sorted(chance.lognormvariate(2, 2) for _ in range(5000))
    counted = of(*values, error=error)

    for share in (0.01, 0.5, 0.95, 0.99, 1.0):
        exact = min(max(values[max(0, round(share * 5000) - 1)], FLOOR), CEILING)
        told = counted.quantile(share)
        assert told is not None
        assert abs(told - exact) <= 1.001 * error * exact


def test_every_value_lies_within_the_error_of_its_bucket() -> None:
    for value in (0.1001, 0.5, 1.0, 19.99, 20.0, 20.01, 700.0, 59_999.0):
        told = of(value).max
        assert told == pytest.approx(value, rel=0.0101)


def test_what_is_too_small_or_too_large_counts_at_the_ends() -> None:
    counted = of(-5.0, 0.0, 1e9)

    assert counted.quantile(0.5) == FLOOR
    assert counted.max == pytest.approx(CEILING, rel=0.02)
    assert counted.count == 3


def test_nothing_has_no_quantiles() -> None:
    assert Distribution().quantile(0.5) is None
    assert Distribution().summary() == {"count": 0, "mean": None, "p50": None, "p95": None, "p99": None, "max": None}
    assert Distribution().curve() == []


def test_two_are_counted_together() -> None:
    both = of(1.0, 2.0)
    both.merge(of(2.0, 300.0))

    assert both.summary() == of(1.0, 2.0, 2.0, 300.0).summary()


def test_what_came_since_is_the_difference() -> None:
    counted = of(5.0, 500.0)
    earlier = counted.copy()
    counted.add(7.0)
    counted.add(9.0)

    assert counted.since(earlier).summary() == of(7.0, 9.0).summary()
    assert earlier.count == 2


def test_those_of_different_errors_are_not_mixed() -> None:
    with pytest.raises(ValueError, match=r"0\.01 cannot be counted together with one to 0\.02"):
        of(1.0, error=0.02).merge(of(1.0, error=0.01))
    with pytest.raises(ValueError, match="cannot"):
        of(1.0, error=0.02).since(of(1.0, error=0.01))


def test_it_survives_json() -> None:
    counted = of(0.05, 3.0, 3.0, 12_345.0)

    assert Distribution.from_json(json.loads(json.dumps(counted.to_json()))).summary() == counted.summary()


def test_it_never_holds_more_buckets_than_it_says() -> None:
    counted = Distribution(0.02)
    for step in range(200_000):
        counted.add(step * 0.4)

    assert len(counted.curve()) <= counted.buckets_limit < 400


def test_the_curve_rises_to_all() -> None:
    curve = of(1.0, 1.0, 10.0, 100.0).curve()

    assert [share for _, share in curve] == [0.5, 0.75, 1.0]
    assert [value for value, _ in curve] == pytest.approx([1, 10, 100], rel=0.011)


def test_an_error_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        Distribution(0)
