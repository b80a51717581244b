"""The carrier's side of a call: its id there, which stream may be the caller's, and how often it had to be resumed."""

from collections import deque
from typing import Final

RESUMES_LIMIT: Final = 5
RESUMES_WINDOW_S: Final = 60.0
"""More resumes than that in a minute are a loop that somebody is billed for."""


class Line:
    """What connects a call to its carrier."""

    __slots__ = ("_claimed", "_fence", "_resumed_at", "carrier_call_id", "status", "status_sequence")

    def __init__(self) -> None:
        self.carrier_call_id: str | None = None
        self._fence = 0
        self._claimed = 0
        self.status: str | None = None
        """The carrier's own word, from its latest status callback."""
        self.status_sequence = -1
        self._resumed_at: deque[float] = deque(maxlen=RESUMES_LIMIT + 1)

    def offer_stream(self) -> int:
        """Return the fence that the next stream must have. It stays the same until a stream has claimed it."""
        if self._claimed == self._fence:
            self._fence += 1
        return self._fence

    def claim(self, fence: int) -> bool:
        """A stream comes with this fence. False: that one is used, or a newer one was offered."""
        if fence != self._fence or self._claimed == fence:
            return False
        self._claimed = fence
        return True

    def may_resume(self, now: float) -> bool:
        """Count one resume. False: that is one too many within a minute."""
        self._resumed_at.append(now)
        return len(self._resumed_at) <= RESUMES_LIMIT or now - self._resumed_at[0] >= RESUMES_WINDOW_S

    def told(self, status: str, sequence: int) -> bool:
        """A status callback. False: a later one was here before it (they arrive out of order)."""
        if sequence <= self.status_sequence:
            return False
        self.status, self.status_sequence = status, sequence
        return True
