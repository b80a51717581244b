"""What was sent to the caller, and how much of it has been heard: one account, which all others read.

Engines make speech faster than it plays, so at any moment much of a reply lies in the carrier's queue. The account has
one time line in milliseconds: the position of all sound ever sent on a leg. Stretches of it belong to items of the
conversation. Marks are sent along, at most MARK_EVERY_MS apart; a mark that comes back says that everything before it
was played. Between marks the clock fills in, but never past the next mark: had that been reached, it would have come
back. So the account is off by less than the distance of two marks.

``clear`` makes the carrier drop its queue and return every pending mark at once, as if they had been played (Twilio,
"Send WebSocket messages to Twilio: clear"). Positions up to a clear are therefore settled by the clock at that moment,
and marks that come back for them later say nothing.

Everything here is told the time, in seconds, and does nothing but count.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

MARK_EVERY_MS: Final = 200
"""Each mark costs a message both ways; a cut reply is off by less than this."""

ROUNDING_MS: Final = 0.001
"""Whole milliseconds are rounded down, as an engine must not be told that more was heard than there was; but not by a
hair of floating point."""


@dataclass(slots=True)
class _Tally:
    """Of one item: how much was sent, how much of that is settled as heard, and if more will come."""

    sent_ms: float = 0.0
    heard_ms: float = 0.0
    complete: bool = False
    """No more sound of it will come."""
    whole: bool = False
    """And what came was all of it."""


@dataclass(slots=True)
class _Stretch:
    """A run of the time line that belongs to one item and is not settled yet."""

    item_id: str
    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class Heard:
    """How much of an item was heard, of how much sent."""

    item_id: str
    heard_ms: int
    sent_ms: int
    cut: bool
    """Something of the item is missing: it was not heard to its end, or its end never came."""


class Playout:
    """The account of one leg."""

    __slots__ = (
        "_anchor_ms",
        "_anchor_s",
        "_confirmed_ms",
        "_marked_ms",
        "_marks",
        "_sent_ms",
        "_stretches",
        "_tallies",
    )

    def __init__(self) -> None:
        self._sent_ms = 0.0
        self._confirmed_ms = 0.0
        self._anchor_ms = 0.0
        self._anchor_s = 0.0
        self._marked_ms = 0.0
        self._marks: deque[int] = deque()
        self._stretches: deque[_Stretch] = deque()
        self._tallies: dict[str, _Tally] = {}

    def room_ms(self) -> float:
        """How much may be sent before a mark is due; more than 0."""
        room_ms = self._marked_ms + MARK_EVERY_MS - self._sent_ms
        return room_ms if room_ms > 0 else MARK_EVERY_MS

    def sent(self, item_id: str, duration_ms: float, now: float) -> int | None:
        """So much sound of that item was handed to the leg. Return the position of a mark to send behind it, if due."""
        if not self.playing(now):
            # The caller was hearing nothing: this begins to play now.
            self._settle(self._sent_ms)
            self._confirmed_ms = self._anchor_ms = self._sent_ms
            self._anchor_s = now
        start_ms = self._sent_ms
        self._sent_ms += duration_ms
        tally = self._tallies.get(item_id)
        if tally is None:
            tally = self._tallies[item_id] = _Tally()
        tally.sent_ms += duration_ms
        last = self._stretches[-1] if self._stretches else None
        if last is not None and last.item_id == item_id:
            last.end_ms = self._sent_ms
        else:
            self._stretches.append(_Stretch(item_id, start_ms, self._sent_ms))
        return self._mark() if self._sent_ms >= self._marked_ms + MARK_EVERY_MS else None

    def completed(self, item_id: str, *, whole: bool = True) -> int | None:
        """No more sound of that item will come; ``whole``: and none is missing.

        Return the position of the mark to send behind it, if any is needed.
        """
        tally = self._tallies.get(item_id)
        if tally is None:
            return None
        if not tally.complete:
            tally.complete, tally.whole = True, whole
        return self._mark()

    def marked(self, position_ms: int, now: float) -> None:
        """A mark came back."""
        if position_ms not in self._marks:
            return  # settled by a clear, or nothing of ours
        while self._marks and self._marks[0] <= position_ms:
            self._marks.popleft()
        # A mark is named by whole milliseconds; the fraction sent before the last one was heard with it.
        reached_ms = self._sent_ms if position_ms == int(self._sent_ms) else float(position_ms)
        self._confirmed_ms = self._anchor_ms = reached_ms
        self._anchor_s = now
        self._settle(reached_ms)

    @property
    def items(self) -> tuple[str, ...]:
        """Those that were sent, and have not been reported yet."""
        return tuple(self._tallies)

    def ended(self) -> list[Heard]:
        """The complete items that have been heard to their end; each is reported once, and then forgotten."""
        # Marks are whole milliseconds: what is left of less than one was heard with the last of them.
        ended = [i for i, t in self._tallies.items() if t.complete and t.heard_ms > t.sent_ms - 1]
        for item_id in ended:
            self._tallies[item_id].heard_ms = self._tallies[item_id].sent_ms
        return [self._take(item_id) for item_id in ended]

    def cleared(self, now: float) -> list[Heard]:
        """The leg's queue was dropped, or the leg is gone. Return what was heard of all that was not yet reported."""
        self._settle(self.position_ms(now))
        self._stretches.clear()
        self._marks.clear()
        self._confirmed_ms = self._anchor_ms = self._marked_ms = self._sent_ms
        self._anchor_s = now
        return [self._take(item_id) for item_id in list(self._tallies)]

    def position_ms(self, now: float) -> float:
        """How far the caller has heard, by marks and the clock between them."""
        limit_ms = float(self._marks[0]) if self._marks else self._sent_ms
        by_clock_ms = self._anchor_ms + (now - self._anchor_s) * 1000
        return max(self._confirmed_ms, min(by_clock_ms, limit_ms))

    def playing(self, now: float) -> bool:
        """If the caller is hearing something, as far as is known."""
        return bool(self._marks) or self.position_ms(now) < self._sent_ms

    def ahead_ms(self, now: float) -> float:
        """How much was sent that the caller has not heard yet."""
        return self._sent_ms - self.position_ms(now)

    def plays_until(self, now: float) -> float:
        """When everything sent will have been heard, if nothing more is sent and no mark is late."""
        return now + self.ahead_ms(now) / 1000

    def heard(self, item_id: str, now: float) -> Heard | None:
        """How much of an item has been heard so far; None if it was reported already, or never sent."""
        tally = self._tallies.get(item_id)
        if tally is None:
            return None
        reached_ms = self.position_ms(now)
        unsettled_ms = sum(
            min(s.end_ms, reached_ms) - s.start_ms
            for s in self._stretches
            if s.item_id == item_id and s.start_ms < reached_ms
        )
        return _heard(item_id, tally, unsettled_ms)

    def _mark(self) -> int | None:
        position_ms = int(self._sent_ms)
        if position_ms <= self._marked_ms:
            return None
        self._marked_ms = position_ms
        self._marks.append(position_ms)
        return position_ms

    def _settle(self, reached_ms: float) -> None:
        """Count everything up to there as heard."""
        while self._stretches and self._stretches[0].start_ms < reached_ms:
            stretch = self._stretches[0]
            settled_ms = min(stretch.end_ms, reached_ms)
            # Of an item that has ended, less than a millisecond may still lie here.
            if (tally := self._tallies.get(stretch.item_id)) is not None:
                tally.heard_ms += settled_ms - stretch.start_ms
            if settled_ms < stretch.end_ms:
                stretch.start_ms = settled_ms
                return
            self._stretches.popleft()

    def _take(self, item_id: str) -> Heard:
        return _heard(item_id, self._tallies.pop(item_id))


def _heard(item_id: str, tally: _Tally, unsettled_ms: float = 0.0) -> Heard:
    heard_ms, sent_ms = int(tally.heard_ms + unsettled_ms + ROUNDING_MS), int(tally.sent_ms + ROUNDING_MS)
    return Heard(item_id, heard_ms, sent_ms, cut=heard_ms < sent_ms or not tally.whole)
