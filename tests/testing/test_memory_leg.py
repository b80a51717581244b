import asyncio

import pytest

from offhook.audio.formats import PCM16_24K
from offhook.calls.leg import LeftReason, Leg
from offhook.testing.clock import SteppedClock
from offhook.testing.memory_leg import Cleared, HungUp, Marked, MemoryLeg, Played


class Listener:
    def __init__(self) -> None:
        self.told: list[object] = []

    def spoke(self, frame: bytes) -> None:
        self.told.append(frame)

    def heard(self, position_ms: int) -> None:
        self.told.append(position_ms)

    def pressed(self, digit: str) -> None:
        self.told.append(digit)

    def filled(self) -> None:
        self.told.append("filled")

    def drained(self) -> None:
        self.told.append("drained")

    def left(self, reason: LeftReason) -> None:
        self.told.append(reason)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def leg(clock: SteppedClock, listener: Listener) -> MemoryLeg:
    leg = MemoryLeg(clock)
    leg.listen(listener)
    return leg


def test_it_is_a_leg(leg: MemoryLeg) -> None:
    port: Leg = leg

    assert port.format.rate_hz == 8000


def test_what_the_caller_does_is_told(leg: MemoryLeg, listener: Listener) -> None:
    leg.speak(b"sound")
    leg.press("5")
    leg.leave(LeftReason.LOST)

    assert listener.told == [b"sound", "5", LeftReason.LOST]


def test_marks_are_answered_when_they_are_due(leg: MemoryLeg, listener: Listener, clock: SteppedClock) -> None:
    leg.play(bytes(800))
    leg.mark(100)
    leg.play(bytes(800))
    leg.mark(200)

    leg.on_time(clock.step(0.1))
    assert listener.told == [100]
    assert leg.heard_ms == pytest.approx(100)
    assert leg.deadline() == pytest.approx(clock() + 0.1)
    leg.on_time(clock.step(0.1))
    assert listener.told == [100, 200]


def test_nobody_is_told_from_within(leg: MemoryLeg, listener: Listener, clock: SteppedClock) -> None:
    leg.mark(1)
    leg.play(bytes(8000))
    leg.mark(1001)
    leg.clear()
    assert listener.told == []

    leg.on_time(clock())
    assert listener.told == [1, 1001]


def test_what_was_cleared_is_not_heard(leg: MemoryLeg, clock: SteppedClock) -> None:
    leg.play(b"a" * 1600)
    clock.step(0.1)
    leg.clear()
    clock.step(5)
    leg.play(b"b" * 800)
    clock.step(5)

    assert leg.heard == b"a" * 800 + b"b" * 800
    assert [stretch.start_s for stretch in leg.heard_when] == [1000.0, pytest.approx(1005.1)]


def test_messages_take_their_time_both_ways(leg: MemoryLeg, listener: Listener, clock: SteppedClock) -> None:
    leg.delay_s = 0.05
    leg.play(bytes(800))
    leg.mark(100)

    leg.on_time(clock.step(0.1))
    assert leg.heard_ms == pytest.approx(50)
    leg.on_time(clock.step(0.05))
    assert listener.told == []
    leg.on_time(clock.step(0.051))
    assert listener.told == [100]


def test_no_message_overtakes_another(leg: MemoryLeg, clock: SteppedClock) -> None:
    leg.delay_s = 0.1
    leg.play(bytes(800))
    leg.delay_s = 0
    leg.clear()

    clock.step(0.5)
    assert leg.heard_ms == 0


def test_after_it_has_left_nothing_is_told_or_heard(leg: MemoryLeg, listener: Listener, clock: SteppedClock) -> None:
    leg.play(bytes(8000))
    leg.mark(1000)
    clock.step(0.1)
    leg.leave()
    leg.leave()
    leg.speak(b"x")
    leg.play(bytes(800))
    leg.hang_up()
    leg.on_time(clock.step(5))

    assert listener.told == [LeftReason.HUNG_UP]
    assert leg.heard_ms == pytest.approx(100)


def test_hanging_up_closes_it_in_order(leg: MemoryLeg, listener: Listener) -> None:
    leg.hang_up()

    assert listener.told == [LeftReason.CLOSED]
    assert leg.left is LeftReason.CLOSED


def test_what_was_ordered_is_written_down_in_order(clock: SteppedClock) -> None:
    journal: list[object] = []
    leg = MemoryLeg(clock, PCM16_24K, journal=journal)
    leg.play(b"ab")
    leg.mark(3)
    leg.clear()
    leg.hang_up()

    assert leg.orders == journal == [Played(b"ab"), Marked(3), Cleared(), HungUp()]


async def test_it_can_answer_by_itself(listener: Listener) -> None:
    leg = MemoryLeg(asyncio.get_running_loop().time, by_itself=True, delay_s=0.02)
    leg.listen(listener)
    for position_ms in (100, 200, 300):
        leg.play(bytes(800))
        leg.mark(position_ms)

    await asyncio.sleep(0.25)
    assert listener.told == [100, 200]
    leg.clear()
    await asyncio.sleep(0.05)
    assert listener.told == [100, 200, 300]
    assert leg.heard_ms == pytest.approx(250)
