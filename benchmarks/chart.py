"""The figures as a picture: bars that can be read on light and dark pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.conclusions import capacity
from benchmarks.results_file import Results
from benchmarks.talk import Pattern

WIDTH: Final = 760
LABEL_WIDTH: Final = 350
BAR_HEIGHT: Final = 18
ROW_HEIGHT: Final = 26
TITLE_HEIGHT: Final = 40
VALUE_WIDTH: Final = 80

STYLE: Final = """\
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .bar { fill: #8c959f }
  .ours { fill: #1a7f64 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .bar { fill: #6e7681 }
    .ours { fill: #3fb68b }
  }
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One of a group. ``text`` is written behind it."""

    label: str
    value: float
    text: str
    ours: bool


def draw(results: Results, titles: dict[str, str]) -> str:
    """An SVG document."""
    groups = [group for group in _groups(results, titles) if group[1]]
    parts: list[str] = []
    top = 0
    for title, bars in groups:
        parts += _group(title, bars, top)
        top += TITLE_HEIGHT + ROW_HEIGHT * len(bars)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 12}" role="img" '
        f'aria-label="CPU per call-second, and calls one core holds">\n<style>\n{STYLE}</style>\n{body}\n</svg>\n'
    )


def _groups(results: Results, titles: dict[str, str]) -> list[tuple[str, list[Bar]]]:
    costs: list[Bar] = []
    held: list[Bar] = []
    for system, title in titles.items():
        ours = system.startswith("offhook")
        full = capacity(results.rows, system, Pattern.FULL)
        if full.row is not None:
            cost = full.row.cpu_ms_per_call_second
            costs.append(Bar(title, cost, f"{cost:.2f} at {full.held}", ours))
        light = capacity(results.rows, system, Pattern.LIGHT)
        if light.row is not None:
            held.append(Bar(title, light.held, str(light), ours))
    return [
        ("CPU ms per call-second, sound both ways all the time (less is better)", costs),
        ("calls one core holds with 99 % of frames less than 20 ms late, replies in 1.5 of 4 s", held),
    ]


def _group(title: str, bars: Sequence[Bar], top: int) -> list[str]:
    most = max(bar.value for bar in bars) or 1.0
    room = WIDTH - LABEL_WIDTH - VALUE_WIDTH - 12
    parts = [f'<text class="title" x="12" y="{top + 26}">{escape(title)}</text>']
    for number, bar in enumerate(bars):
        y = top + TITLE_HEIGHT + ROW_HEIGHT * number
        length = max(1.0, room * bar.value / most)
        parts += [
            f'<text x="{LABEL_WIDTH - 8}" y="{y + 14}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect class="{"ours" if bar.ours else "bar"}" x="{LABEL_WIDTH}" y="{y}" width="{length:.1f}" '
            f'height="{BAR_HEIGHT}" rx="2"/>',
            f'<text x="{LABEL_WIDTH + length + 6:.1f}" y="{y + 14}">{escape(bar.text)}</text>',
        ]
    return parts
