"""The picture of a call, ``call.svg``: time runs down, the caller's sound on the left and the agent's on the right.

Scalable Vector Graphics 1.1 (W3C), with one stylesheet for light and dark; any browser shows it.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final
from xml.etree import ElementTree as ET

from offhook.demo.picture import loudness
from offhook.demo.recording import Recording, levels_dbfs
from offhook.demo.timeline import Timeline, Turn

WIDTH: Final = 1040
TOP: Final = 84
BOTTOM: Final = 24
PX_PER_S: Final = 44
LONGEST_S: Final = 900
"""Above that, time is pressed together: the picture grows no longer."""

WAVE_PX: Final = 46
"""Half the width of a loud sound."""
CALLER_X: Final = 400
AGENT_X: Final = 560
MIDDLE_X: Final = (CALLER_X + AGENT_X) // 2
TEXT_GAP: Final = 62
LINE_PX: Final = 16
TEXT_COLUMNS: Final = 46
"""Letters in a line of words."""

WINDOW_MS: Final = 20

_FORMS: Final = """
svg { font: 13px system-ui, sans-serif; } .title { font-size: 17px; font-weight: 600; }
.left { text-anchor: end; } .middle { text-anchor: middle; } .faint { font-size: 11px; }
.tool, .wait, .cut { font-size: 12px; } .cut { font-weight: 600; } .unheard { text-decoration: line-through; }
.waiting { stroke-width: 2; } .cutting { stroke-width: 1.5; stroke-dasharray: 5 3; }
"""
_LIGHT: Final = """
.paper { fill: #ffffff; } text { fill: #1f2328; } .faint, .unheard { fill: #6e7781; } .rule { stroke: #d8dee4; }
.caller { fill: #0969a8; } .agent { fill: #1a7f37; } .tool, .tooling { fill: #8250df; }
.cut { fill: #cf222e; } .cutting { stroke: #cf222e; } .wait { fill: #9a6700; } .waiting { stroke: #9a6700; }
"""
_DARK: Final = """
.paper { fill: #0d1117; } text { fill: #e6edf3; } .faint, .unheard { fill: #8b949e; } .rule { stroke: #30363d; }
.caller { fill: #6cb6ff; } .agent { fill: #57c26e; } .tool, .tooling { fill: #c297ff; }
.cut { fill: #ff7b72; } .cutting { stroke: #ff7b72; } .wait { fill: #e3b341; } .waiting { stroke: #e3b341; }
"""
# Colours are written out in both, because not every program that shows pictures knows variables.
_STYLE: Final = f"{_FORMS}{_LIGHT}@media (prefers-color-scheme: dark) {{{_DARK}}}\n"

_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0, section 2.2: what may not stand in a document, however it is written."""


def draw(told: Timeline, recording: Recording) -> bytes:
    """The picture as a file."""
    return _Drawing(told, recording).file()


class _Drawing:
    def __init__(self, told: Timeline, recording: Recording) -> None:
        self._told = told
        self._px_per_ms = min(PX_PER_S, PX_PER_S * LONGEST_S * 1000 / max(1, told.duration_ms)) / 1000
        self._labels = list(_placed(list(self._left()))), list(_placed(list(self._right())))
        ends = [self._y(told.duration_ms), *(y + len(lines) * LINE_PX for side in self._labels for y, lines in side)]
        self._height = round(max(ends)) + BOTTOM
        size = {"viewBox": f"0 0 {WIDTH} {self._height}", "width": str(WIDTH), "height": str(self._height)}
        self._root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", **size})
        self._add("title", told.title)
        self._add("style", _STYLE)
        self._add("rect", css="paper", width=WIDTH, height=self._height)
        self._head()
        self._scale()
        self._sound("caller", CALLER_X, recording.caller)
        self._sound("agent", AGENT_X, recording.agent)
        self._marks()
        self._words(self._labels[0], CALLER_X - TEXT_GAP, "left ")
        self._words(self._labels[1], AGENT_X + TEXT_GAP, "")

    def file(self) -> bytes:
        """With the declaration of its encoding."""
        ET.indent(self._root)
        return bytes(ET.tostring(self._root, encoding="utf-8", xml_declaration=True)) + b"\n"

    def _head(self) -> None:
        self._text(24, 30, "title", self._told.title)
        waits_ms = [wait.lasted_ms for wait in self._told.waits]
        answers = (
            f"{len(waits_ms)} answers, first sound after {min(waits_ms)} to {max(waits_ms)} ms" if waits_ms else ""
        )
        p50 = f", p50 {median(waits_ms):.0f} ms; " if waits_ms else ""
        self._text(24, 50, "faint", f"{answers}{p50}time runs down, one line is a second")
        self._text(CALLER_X, TOP - 10, "caller middle", "caller")
        self._text(AGENT_X, TOP - 10, "agent middle", "agent")

    def _scale(self) -> None:
        for second in range(self._told.duration_ms // 1000 + 1):
            y = self._y(second * 1000)
            self._add("line", css="rule", x1=CALLER_X - WAVE_PX, x2=AGENT_X + WAVE_PX, y1=y, y2=y)
            if second % 5 == 0:
                self._text(16, y + 4, "faint", f"{second} s")

    def _sound(self, who: str, x: float, sound: bytes) -> None:
        """A shape as wide as the sound is loud."""
        shape = [
            (self._y(at * WINDOW_MS), max(0.6, WAVE_PX * loudness(level)))
            for at, level in enumerate(levels_dbfs(sound, WINDOW_MS))
        ]
        right = [f"{x + half:.1f},{y:.1f}" for y, half in shape]
        left = [f"{x - half:.1f},{y:.1f}" for y, half in reversed(shape)]
        if shape:
            self._add("polygon", css=who, points=" ".join(right + left))

    def _marks(self) -> None:
        for wait in self._told.waits:
            begin, end = self._y(wait.from_ms), self._y(wait.to_ms)
            self._add("line", css="waiting", x1=MIDDLE_X, x2=MIDDLE_X, y1=begin, y2=end)
            self._text(MIDDLE_X + 5, (begin + end) / 2 + 4, "wait", f"{wait.lasted_ms} ms")
        for overlap in self._told.overlaps:
            y = self._y(overlap.caller_at_ms)
            self._add("line", css="cutting", x1=CALLER_X - WAVE_PX, x2=AGENT_X + WAVE_PX, y1=y, y2=y)
        for tool in self._told.tools:
            self._add("circle", css="tooling", cx=AGENT_X + TEXT_GAP - 8, cy=self._y(tool.at_ms), r=3.5)

    def _left(self) -> Iterator[tuple[float, list[tuple[str, str]]]]:
        for turn in self._told.caller:
            yield self._y(turn.span.from_ms), [("caller", line) for line in _wrapped(turn.text)]
        for overlap in self._told.overlaps:
            told = f"interrupts: {overlap.heard_ms} ms heard, silent after {overlap.yielded_ms} ms"
            yield self._y(overlap.caller_at_ms) - LINE_PX, [("cut", told)]

    def _right(self) -> Iterator[tuple[float, list[tuple[str, str]]]]:
        for turn in self._told.agent:
            yield self._y(turn.span.from_ms), [*_heard(turn)]
        for tool in self._told.tools:
            lines = [*_wrapped(tool.call), *_wrapped(tool.outcome)]
            yield self._y(tool.at_ms) - 1, [("tool", line) for line in lines]

    def _words(self, labels: Sequence[tuple[float, list[tuple[str, str]]]], x: float, side: str) -> None:
        for y, lines in labels:
            for number, (css, line) in enumerate(lines):
                self._text(x, y + 4 + number * LINE_PX, side + css, line)

    def _y(self, at_ms: float) -> float:
        return TOP + max(0.0, at_ms) * self._px_per_ms

    def _text(self, x: float, y: float, css: str, text: str) -> None:
        self._add("text", text, css=css, x=x, y=y)

    def _add(self, tag: str, text: str = "", *, css: str = "", **attributes: float | str) -> None:
        written = {
            name: f"{value:g}" if isinstance(value, int | float) else value for name, value in attributes.items()
        }
        element = ET.SubElement(self._root, tag, ({"class": css} if css else {}) | written)
        if text:
            element.text = _NOT_IN_XML.sub("", text)


def _placed(
    labels: list[tuple[float, list[tuple[str, str]]]],
) -> Iterator[tuple[float, list[tuple[str, str]]]]:
    """The labels of one side, moved down where they would lie over each other."""
    free_from = 0.0
    for y, lines in sorted(labels, key=lambda label: label[0]):
        y = max(y, free_from)
        free_from = y + len(lines) * LINE_PX
        yield y, lines


def _heard(turn: Turn) -> Iterator[tuple[str, str]]:
    yield from (("agent", line) for line in _wrapped(turn.text))
    yield from (("unheard", line) for line in _wrapped(turn.unheard))


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, TEXT_COLUMNS)
