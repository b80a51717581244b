"""A caller for load: makes no sound of its own, and keeps none."""

from typing import Protocol


class Talker(Protocol):
    """In place of a mouth and an ear. Both verbs are called for every frame, so they should take little."""

    def next_payload(self, at: float) -> bytes:
        """The next 20 ms: µ-law in base64. ``at`` is when they are due, on the loop's clock."""

    def hears(self, size_bytes: int, now: float) -> None:
        """The server played so much µ-law; it came at ``now``, ``time.monotonic``."""
