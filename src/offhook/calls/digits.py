"""Keys that the caller presses, gathered to what they mean together: "1234#" and not four messages."""

from math import inf
from typing import Final

PAUSE_S: Final = 1.5
"""So long after the last key the number counts as complete."""

LENGTH_LIMIT: Final = 64


class Digits:
    """Gathers keys until ``#``, a pause, or LENGTH_LIMIT. Told the time; asks to be called back at ``deadline``."""

    __slots__ = ("_complete_at", "_keys")

    def __init__(self) -> None:
        self._keys = ""
        self._complete_at = inf

    def pressed(self, digit: str, now: float) -> str | None:
        """One key. Return the keys so far if they are complete with it."""
        self._keys += digit
        self._complete_at = now + PAUSE_S
        return self._take() if digit == "#" or len(self._keys) >= LENGTH_LIMIT else None

    def deadline(self) -> float:
        """When ``on_time`` wants to be called; inf if never."""
        return self._complete_at

    def on_time(self, now: float) -> str | None:
        """Return the keys if the pause after them was long enough."""
        return self._take() if now >= self._complete_at else None

    def _take(self) -> str:
        keys, self._keys, self._complete_at = self._keys, "", inf
        return keys
