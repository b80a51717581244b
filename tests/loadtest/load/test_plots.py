import re

import pytest

from offhook.loadtest.load.plots import HEIGHT, POINTS_LIMIT, WIDTH, curves, timeline


def points(svg: str) -> list[tuple[float, float]]:
    lines = re.findall(r'points="([^"]*)"', svg)
    return [(float(x), float(y)) for line in lines for x, y in (pair.split(",") for pair in line.split())]


@pytest.mark.parametrize("values", [[(0.1, 1.0)], [(0.1, 0.5), (60_000.0, 1.0)], [(20.0, 0.2), (20.1, 1.0)]])
def test_curves_stay_on_the_paper(values: list[tuple[float, float]]) -> None:
    drawn = points(curves("Lateness", [("up", values)], mark=20))

    assert drawn
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in drawn)


def test_a_curve_rises_to_the_top() -> None:
    drawn = points(curves("Lateness", [("up", [(1.0, 0.5), (10.0, 1.0)])]))

    assert [x for x, _ in drawn] == sorted(x for x, _ in drawn)
    assert [y for _, y in drawn] == sorted((y for _, y in drawn), reverse=True)


def test_a_day_is_thinned_and_keeps_its_end() -> None:
    drawn = points(timeline("Calls", [("streaming", [(float(at), 5.0) for at in range(86_400)])], unit="calls"))

    assert len(drawn) <= POINTS_LIMIT + 1
    assert max(x for x, _ in drawn) == pytest.approx(WIDTH - 12)


def test_zeros_can_be_drawn() -> None:
    assert points(timeline("CPU", [("gateway", [(0.0, 0.0), (1.0, 0.0)])], unit="cores"))


def test_each_line_is_named() -> None:
    drawn = curves("Lateness", [("up & away", [(1.0, 1.0)]), ("down", [(2.0, 1.0)])])

    assert 'class="key s0">up &amp; away<' in drawn
    assert drawn.count("<polyline") == 2
