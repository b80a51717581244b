"""The caller's side of a call, as the bridge sees it: a port. A new carrier is one more file in ``legs/``."""

from enum import StrEnum
from typing import Protocol

from offhook.audio.formats import AudioFormat


class LeftReason(StrEnum):
    """Why a leg is gone."""

    HUNG_UP = "hung_up"
    """The caller, or the carrier for them, ended it in order."""
    LOST = "lost"
    """The connection broke. The caller may still be on the phone, and come back on another leg."""
    REFUSED = "refused"
    """It sent what its protocol does not allow, and we closed it."""
    TOO_SLOW = "too_slow"
    """It did not take what we sent, and we closed it."""
    CLOSED = "closed"
    """We closed it in order."""


class LegListener(Protocol):
    """Who is told what happens on a leg."""

    def spoke(self, frame: bytes) -> None:
        """Sound of the caller, in the leg's format, of any length."""

    def heard(self, position_ms: int) -> None:
        """The mark at that position was answered: it was played, or dropped by ``clear``."""

    def pressed(self, digit: str) -> None:
        """A key: one of 0-9 * # A-D."""

    def filled(self) -> None:
        """More sound waits on our side than should: give it no more until it has ``drained``, if that can be helped."""

    def drained(self) -> None:
        """It takes sound again, after ``filled``."""

    def left(self, reason: LeftReason) -> None:
        """The leg is gone; nothing follows."""


class Leg(Protocol):
    """One media connection of a caller. Nothing here waits."""

    @property
    def format(self) -> AudioFormat:
        """Of the sound in both directions."""

    @property
    def unsent_bytes(self) -> int:
        """What was played and waits on our side, because the far side has not taken it off the connection."""

    def listen(self, listener: LegListener) -> None:
        """From now on tell this listener, and nobody else."""

    def play(self, frame: bytes) -> None:
        """Append sound, of any length, to what the caller is hearing."""

    def mark(self, position_ms: int) -> None:
        """Answer ``heard(position_ms)`` when everything played so far has been heard, or dropped.

        A leg that plays out by itself answers by its own clock; one whose far side queues (Twilio) asks it to.
        """

    def clear(self) -> None:
        """Drop what the caller has not heard yet."""

    def hang_up(self) -> None:
        """Close the connection in order; ``left`` follows."""
