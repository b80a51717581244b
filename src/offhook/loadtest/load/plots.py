"""Plots as SVG, drawn by hand: curves over a logarithmic axis, and lines over time. Colours come from the page."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 240
LEFT: Final = 52
RIGHT: Final = 12
TOP: Final = 14
BOTTOM: Final = 34

POINTS_LIMIT: Final = 400
"""Of one line; longer ones are thinned."""

Points = Sequence[tuple[float, float]]
Series = tuple[str, Points]
"""What it is called, and its points."""


def curves(title: str, series: Sequence[Series], *, unit: str = "ms", mark: float | None = None) -> str:
    """Shares (0 to 1) of all that lie at or below a value, over the logarithm of the value; ``mark`` is a promise."""
    drawn = [(name, points) for name, points in series if points]
    if not drawn:
        return _nothing(title)
    values = [x for _, points in drawn for x, _ in points] + ([mark] if mark else [])
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    high = max(high, low + 1)

    def across(value: float) -> float:
        return LEFT + (log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def up(share: float) -> float:
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [_grid_line(across(10.0**power), f"{10.0**power:g}") for power in range(low, high + 1)]
    parts += [_level(up(share), f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1.0)]
    if mark:
        parts.append(
            f'<line class="mark" x1="{across(mark):.1f}" x2="{across(mark):.1f}" y1="{TOP}" y2="{up(0):.1f}"/>'
        )
    for number, (_, points) in enumerate(drawn):
        first = (points[0][0], 0.0)
        steps = [(across(x), up(y)) for x, y in (first, *_thinned(points))]
        parts.append(_line(steps, number))
    return _figure(title, parts, [name for name, _ in drawn], unit)


def timeline(title: str, series: Sequence[Series], *, unit: str, mark: float | None = None) -> str:
    """Values over seconds."""
    drawn = [(name, points) for name, points in series if points]
    if not drawn:
        return _nothing(title)
    ends = max(x for _, points in drawn for x, _ in points) or 1.0
    tallest = max([y for _, points in drawn for _, y in points] + ([mark] if mark else [])) or 1.0

    def across(second: float) -> float:
        return LEFT + second / ends * (WIDTH - LEFT - RIGHT)

    def up(value: float) -> float:
        return HEIGHT - BOTTOM - value / (tallest * 1.05) * (HEIGHT - TOP - BOTTOM)

    parts = [_grid_line(across(ends * part / 4), f"{ends * part / 4:.0f} s") for part in range(5)]
    parts += [_level(up(tallest * part / 2), f"{tallest * part / 2:.3g}") for part in range(3)]
    if mark:
        parts.append(f'<line class="mark" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(mark):.1f}" y2="{up(mark):.1f}"/>')
    for number, (_, points) in enumerate(drawn):
        parts.append(_line([(across(x), up(y)) for x, y in _thinned(points)], number))
    return _figure(title, parts, [name for name, _ in drawn], unit)


def _figure(title: str, parts: Sequence[str], names: Sequence[str], unit: str) -> str:
    keys = "".join(f'<span class="key s{number}">{escape(name)}</span>' for number, name in enumerate(names))
    said = escape(title)
    return (
        f"<figure><figcaption>{said} <small>{escape(unit)}</small>{keys}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{said}">{"".join(parts)}</svg></figure>'
    )


def _nothing(title: str) -> str:
    return f"<figure><figcaption>{escape(title)}</figcaption><p>Not seen in this test.</p></figure>"


def _grid_line(x: float, said: str) -> str:
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{escape(said)}</text>'
    )


def _level(y: float, said: str) -> str:
    return (
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(said)}</text>'
    )


def _line(points: Points, number: int) -> str:
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="line s{number}" points="{steps}"/>'


def _thinned(points: Points) -> Points:
    every = ceil(len(points) / POINTS_LIMIT)
    return points if every <= 1 else [*points[::every], points[-1]]
