"""If the loop keeps up, or new calls would make those suffer that are here.

Judged by the loop's own lag, not by CPU percent (a core at 90 % with short steps is well, one at 40 % with steps of
50 ms is not), and not by how late callers' frames come: that is measured against the earliest frame of a stream, so
one caller's bad network shows in it as much as a slow loop does, and refusing others mends no network. What of a
frame's lateness is ours is that the loop was busy when it came, and that is what a timer sees that is due as often as
a frame is.

And only by lag that this process made itself (``pulse`` tells which that is). A machine that others load is not made
worse by one call more, nor better by one less: frames that are late by others' doing are the operator's alert, which
reads the whole lag, and no reason to refuse callers.

The promise is that frames are less than 20 ms late, 99 of 100. So the door closes when LATE_SHARE of the looks in the
latest WINDOW_SECONDS found the loop late by CLOSE_AT_S: 5 of 250. A single hiccup, however long, is one look. The door
opens when less than half that share of the looks found half that lag, which keeps it from flapping.
"""

from collections import deque
from typing import Final, NamedTuple

CLOSE_AT_S: Final = 0.015
"""Three quarters of what is promised."""

LATE_SHARE: Final = 0.02
"""Of the looks."""

OPEN_SHARE: Final = 0.5
"""Of what closes the door, in lag and in looks: below both it opens."""

SECOND_S: Final = 1.0
WINDOW_SECONDS: Final = 5
"""Seconds in which the loop was looked at; until there were so many, nothing is judged."""


class _Second(NamedTuple):
    """Looks, and how many of them found the loop so late that the door closes, or stays closed."""

    looks: int
    late: int
    half_late: int


class Health:
    """The latest seconds of a loop, told each time it was looked at. Nothing in here looks at a clock."""

    __slots__ = ("_close_at_s", "_half_late", "_late", "_looks", "_second_ends", "_seconds", "overloaded")

    def __init__(self, close_at_s: float = CLOSE_AT_S) -> None:
        self._close_at_s = close_at_s
        self._seconds: deque[_Second] = deque(maxlen=WINDOW_SECONDS)
        self._looks = self._late = self._half_late = 0
        """In the second that runs."""
        self._second_ends: float | None = None
        self.overloaded = False
        """New calls would make those suffer that are here."""

    def woke(self, own_lag_s: float, now: float) -> None:
        """The loop was looked at, and was so late by its own doing."""
        self._looks += 1
        self._late += own_lag_s >= self._close_at_s
        self._half_late += own_lag_s >= self._close_at_s * OPEN_SHARE
        if self._second_ends is None:
            self._second_ends = now + SECOND_S
        elif now >= self._second_ends:
            self._seconds.append(_Second(self._looks, self._late, self._half_late))
            self._looks = self._late = self._half_late = 0
            self._second_ends = now + SECOND_S
            self._judge()

    def _judge(self) -> None:
        if len(self._seconds) < WINDOW_SECONDS:
            return
        looks = sum(second.looks for second in self._seconds)
        if self.overloaded:
            half_late = sum(second.half_late for second in self._seconds)
            self.overloaded = half_late >= looks * LATE_SHARE * OPEN_SHARE
        else:
            late = sum(second.late for second in self._seconds)
            self.overloaded = late >= looks * LATE_SHARE
