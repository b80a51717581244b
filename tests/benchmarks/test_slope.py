import pytest
from benchmarks.slope import slope


def test_a_line_has_its_slope() -> None:
    assert slope([(0, 1), (1, 3), (2, 5), (5, 11)]) == 2


def test_a_few_wild_values_do_not_tilt_it() -> None:
    points = [(float(x), 10.0) for x in range(10)] + [(10.0, 500.0), (11.0, 900.0)]
    assert slope(points) == 0


def test_what_grows_in_steps_grows() -> None:
    assert slope([(x, float(x // 3)) for x in range(30)]) == pytest.approx(1 / 3, rel=0.05)


def test_points_above_each_other_have_none() -> None:
    with pytest.raises(ValueError, match="two points"):
        slope([(1, 1), (1, 2)])
