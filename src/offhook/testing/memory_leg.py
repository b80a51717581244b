"""A caller's line in memory: the port ``calls.leg`` with nothing behind it but a clock."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from offhook.audio.formats import PCMU_8K, AudioFormat
from offhook.calls.alarm import Alarm
from offhook.calls.leg import LeftReason, LegListener
from offhook.testing.earpiece import Earpiece, Stretch


@dataclass(frozen=True, slots=True)
class Played:
    """Sound came."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark came."""

    position_ms: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was queued is to be dropped."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """We closed the line."""


Order = Played | Marked | Cleared | HungUp


class MemoryLeg:
    """A ``Leg``. It plays sound at real time by ``clock``, and answers marks as Twilio does.

    Nobody is told anything from within ``play``, ``mark`` or ``clear``: marks are answered by ``on_time``, when the
    test calls it, or with ``by_itself`` by a timer of the running loop.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        audio: AudioFormat = PCMU_8K,
        *,
        by_itself: bool = False,
        delay_s: float = 0.0,
        journal: list[object] | None = None,
    ) -> None:
        self.orders: list[Order] = []
        """What came of the bridge, in order."""
        self.delay_s = delay_s
        """What a message takes on the way, in either direction. May be changed at any time: none overtakes another."""
        self.left: LeftReason | None = None
        """Why the line is gone, if it is."""
        self._clock = clock
        self._format = audio
        self._alarm = Alarm(clock, self._on_alarm) if by_itself else None
        self._journal = journal
        self._listener: LegListener | None = None
        self._earpiece = Earpiece(audio)
        self._to_caller: deque[tuple[float, Order]] = deque()
        self._to_bridge: deque[tuple[float, int]] = deque()

    # ---- Leg -------------------------------------------------------------------------------------------------------

    @property
    def format(self) -> AudioFormat:
        """Of the sound in both directions."""
        return self._format

    @property
    def unsent_bytes(self) -> int:
        """Nothing waits here."""
        return 0

    def listen(self, listener: LegListener) -> None:
        """Tell this listener from now on."""
        self._listener = listener

    def play(self, frame: bytes) -> None:
        """Append sound."""
        self._order(Played(frame))

    def mark(self, position_ms: int) -> None:
        """Answer when everything before it was heard, or dropped."""
        self._order(Marked(position_ms))

    def clear(self) -> None:
        """Drop what was not heard."""
        self._order(Cleared())

    def hang_up(self) -> None:
        """Close the line; ``left`` is told at once."""
        if self.left is None:
            self._write_down(HungUp())
            self.leave(LeftReason.CLOSED)

    # ---- what the caller does --------------------------------------------------------------------------------------

    def speak(self, frame: bytes) -> None:
        """The caller makes a sound."""
        if self._listener is not None:
            self._listener.spoke(frame)

    def press(self, digit: str) -> None:
        """The caller presses a key."""
        if self._listener is not None:
            self._listener.pressed(digit)

    def leave(self, reason: LeftReason = LeftReason.HUNG_UP) -> None:
        """The line is gone: the caller hung up, or whatever the reason says. Nothing is heard, or told, after it."""
        if self.left is not None:
            return
        self.left = reason
        self._earpiece.clear(self._clock())
        self._to_caller.clear()
        self._to_bridge.clear()
        if self._alarm is not None:
            self._alarm.off()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.left(reason)

    # ---- what the caller heard -------------------------------------------------------------------------------------

    @property
    def heard_ms(self) -> float:
        """How much sound the caller has really heard by now."""
        self._arrive(self._clock())
        return self._earpiece.heard_ms(self._clock())

    @property
    def heard(self) -> bytes:
        """The sound that the caller has really heard by now, without the gaps."""
        return b"".join(stretch.sound for stretch in self.heard_when)

    @property
    def heard_when(self) -> list[Stretch]:
        """The same, with the time at which each stretch without a gap began."""
        self._arrive(self._clock())
        return self._earpiece.heard(self._clock())

    # ---- time ------------------------------------------------------------------------------------------------------

    def deadline(self) -> float:
        """When ``on_time`` wants to be called; inf if never."""
        echo = self._to_bridge[0][0] if self._to_bridge else inf
        order = self._to_caller[0][0] if self._to_caller else inf
        return min(echo, order, self._earpiece.deadline())

    def on_time(self, now: float) -> None:
        """Answer the marks that are due by now."""
        self._arrive(now)
        while self._to_bridge and self._to_bridge[0][0] <= now and self._listener is not None:
            _, position_ms = self._to_bridge.popleft()
            self._listener.heard(position_ms)

    def _on_alarm(self) -> None:
        self.on_time(self._clock())
        self._keep_alarm()

    def _keep_alarm(self) -> None:
        if self._alarm is not None and self.left is None:
            self._alarm.keep(self.deadline())

    # ---- the way there, and back -----------------------------------------------------------------------------------

    def _order(self, order: Order) -> None:
        if self.left is not None:
            return
        self._write_down(order)
        now = self._clock()
        arrives_at = max(now + self.delay_s, self._to_caller[-1][0] if self._to_caller else 0.0)
        self._to_caller.append((arrives_at, order))
        self._arrive(now)
        self._keep_alarm()

    def _write_down(self, order: Order) -> None:
        self.orders.append(order)
        if self._journal is not None:
            self._journal.append(order)

    def _arrive(self, now: float) -> None:
        """Let everything happen on the caller's side that happens until now, each at its time."""
        while self._to_caller and self._to_caller[0][0] <= now:
            at, order = self._to_caller.popleft()
            self._echo(self._earpiece.on_time(at), at)
            match order:
                case Played(frame):
                    self._earpiece.play(frame, at)
                case Marked(position_ms):
                    self._earpiece.mark(position_ms, at)
                case Cleared():
                    self._echo(self._earpiece.clear(at), at)
        while (due := self._earpiece.deadline()) <= now:
            self._echo(self._earpiece.on_time(due), due)

    def _echo(self, positions_ms: list[int], at: float) -> None:
        for position_ms in positions_ms:
            arrives_at = max(at + self.delay_s, self._to_bridge[-1][0] if self._to_bridge else 0.0)
            self._to_bridge.append((arrives_at, position_ms))
