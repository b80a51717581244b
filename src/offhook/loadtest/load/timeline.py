"""The seconds of a test, in bounded memory."""

from typing import Final

from offhook.loadtest.load.report import Second

ROWS_LIMIT: Final = 3600
"""Above that, every other row is dropped, and from then on every second one is kept: of an hour all, of a day some."""


class Timeline:
    """Rows in order of time."""

    def __init__(self, limit: int = ROWS_LIMIT) -> None:
        self._limit = limit
        self._rows: list[Second] = []
        self._every = 1
        self._seen = 0

    def add(self, row: Second) -> None:
        """One more, if it is one to be kept."""
        if self._seen % self._every == 0:
            self._rows.append(row)
        self._seen += 1
        if len(self._rows) > self._limit:
            self._rows = self._rows[::2]
            self._every *= 2

    @property
    def rows(self) -> tuple[Second, ...]:
        """Those that were kept."""
        return tuple(self._rows)
