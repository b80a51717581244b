"""How steeply something grows, whatever single values do: Theil and Sen's estimate, the median of all slopes.

P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", 1968. Nearly a third of the values may be
wild before it goes astray, where least squares follows each of them.
"""

from collections.abc import Sequence
from itertools import combinations
from statistics import median


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Units of y for one of x. ValueError with fewer than two different x."""
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x1 != x2]
    if not slopes:
        raise ValueError("a slope needs two points that are not above each other")
    return median(slopes)
