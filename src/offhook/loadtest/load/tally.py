"""What the callers of one load test saw, all together."""

from collections import Counter
from typing import Final

from offhook.loadtest.figures.distribution import Distribution

ERROR_KINDS_LIMIT: Final = 50
"""Kinds of error that are told apart; further ones are counted as OTHER."""

ERROR_CHARS: Final = 200
"""Of the name of a kind."""

OTHER: Final = "other"

FINE: Final = 0.001
"""The error of response times: what the far end takes is subtracted from them, so half a second is told to 0.5 ms."""


class Tally:
    """Counts and distributions since the first ring. Distributions are in milliseconds."""

    def __init__(self) -> None:
        self.rung = 0
        self.live = 0
        """Under way: rung and not over."""
        self.streaming = 0
        """Their stream is open."""
        self.streamed = 0
        """It was opened, once at least."""
        self.completed = 0
        """Hung up by the caller, as planned."""
        self.rejected = 0
        """Refused before they were answered: busy."""
        self.failed = 0
        """Ended in any other way."""
        self.turns = 0
        """Answers that callers got."""
        self.silences = 0
        """Answers, or greetings, that were due and did not come."""
        self.errors: Counter[str] = Counter()
        self.set_up = Distribution()
        """From the ring to the open stream."""
        self.first_sound = Distribution()
        """From the ring to the first sound."""
        self.response = Distribution(FINE)
        """From the last loud sound of a turn, sent, to the first sound of the reply, received."""
        self.lateness = Distribution()
        """Of replies, as they come."""
        self.sending = Distribution()
        """How late the callers themselves were in sending."""
        self.sent_ms = 0.0
        self.received_ms = 0.0
        self.missing_ms = 0.0
        """Of replies."""
        self.lost = Distribution()
        """What each call missed of replies, of those that missed any."""
        self.due = 0
        """Calls that lasted long enough for the caller to have heard something."""
        self.unheard = 0
        """Of them, those whose caller heard nothing."""
        self.discarded_ms = 0.0
        """Not sent, because the server did not read."""

    def error(self, kind: str) -> None:
        """Something went wrong."""
        kind = kind[:ERROR_CHARS]
        if kind not in self.errors and len(self.errors) >= ERROR_KINDS_LIMIT:
            kind = OTHER
        self.errors[kind] += 1

    @property
    def errors_total(self) -> int:
        """Of all kinds."""
        return self.errors.total()
