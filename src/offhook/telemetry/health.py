"""If the loop keeps up, or new calls would make those suffer that are here.

Judged by the loop's own lag, not by CPU percent (a core at 90 % with short steps is well, one at 40 % with steps of
50 ms is not), and not by how late callers' frames come: that is measured against the earliest frame of a stream, so
one caller's bad network shows in it as much as a slow loop does, and refusing others mends no network. What of a
frame's lateness is ours is that the loop was busy when it came, and that is what a timer sees that is due as often as
a frame is.

The promise is that frames are less than 20 ms late, 99 of 100. So a second is bad if in it the loop was once late by
CLOSE_AT_S (of 50 looks), and the door closes when BAD_SECONDS of the latest WINDOW_SECONDS are: as many as there are
when about one look in fifty is late. A single hiccup, however long, is one bad second. The door opens when at most one
of them saw half of that, which keeps it from flapping.
"""

from collections import deque
from typing import Final

CLOSE_AT_S: Final = 0.015
"""Three quarters of what is promised."""

OPEN_SHARE: Final = 0.5
"""Of what closes the door: below it a second counts as well."""

SECOND_S: Final = 1.0
WINDOW_SECONDS: Final = 5
BAD_SECONDS: Final = 4
HICCUPS_FORGIVEN: Final = 1


class Health:
    """The latest seconds of a loop, told each time it was looked at. Nothing in here looks at a clock."""

    __slots__ = ("_close_at_s", "_second_ends", "_worst", "_worst_now_s", "overloaded")

    def __init__(self, close_at_s: float = CLOSE_AT_S) -> None:
        self._close_at_s = close_at_s
        self._worst: deque[float] = deque(maxlen=WINDOW_SECONDS)
        """The worst lag of each of the latest seconds in which the loop was looked at."""
        self._worst_now_s = 0.0
        self._second_ends: float | None = None
        self.overloaded = False
        """New calls would make those suffer that are here."""

    def woke(self, lag_s: float, now: float) -> None:
        """The loop was looked at, and was so late."""
        self._worst_now_s = max(self._worst_now_s, lag_s)
        if self._second_ends is None:
            self._second_ends = now + SECOND_S
        elif now >= self._second_ends:
            self._worst.append(self._worst_now_s)
            self._worst_now_s, self._second_ends = 0.0, now + SECOND_S
            self._judge()

    def _judge(self) -> None:
        if not self.overloaded:
            self.overloaded = self._above(self._close_at_s) >= BAD_SECONDS
        elif len(self._worst) == WINDOW_SECONDS:
            self.overloaded = self._above(self._close_at_s * OPEN_SHARE) > HICCUPS_FORGIVEN

    def _above(self, lag_s: float) -> int:
        return sum(worst >= lag_s for worst in self._worst)
