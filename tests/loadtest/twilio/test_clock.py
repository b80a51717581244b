import asyncio
from collections.abc import Callable

import pytest

from offhook.loadtest.twilio.clock import CATCH_UP_S, TICK_S, Clock


class SteppedTime:
    """The timers of a loop, moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], None], /) -> None:
        self.timers.append((when, callback))

    def go_on(self, until: float) -> None:
        while self.timers and self.timers[0][0] <= until:
            self.now, callback = self.timers.pop(0)
            callback()
        self.now = until

    def sleep_through(self, until: float) -> None:
        """The loop is busy: what was due in the meantime runs at the end of it."""
        self.now = until
        _, callback = self.timers.pop(0)
        callback()


class Member:
    def __init__(self) -> None:
        self.due: list[float] = []

    def on_tick(self, at: float, now: float) -> None:
        self.due.append(at)

    def steps(self) -> list[float]:
        return [after - before for before, after in zip(self.due, self.due[1:], strict=False)]


class Broken(Member):
    def on_tick(self, at: float, now: float) -> None:
        super().on_tick(at, now)
        raise RuntimeError("no sound card")


@pytest.fixture
def time() -> SteppedTime:
    return SteppedTime()


def test_everybody_is_called_every_20_ms_at_a_moment_of_their_own(time: SteppedTime) -> None:
    clock, members = Clock(time), [Member() for _ in range(20)]
    for member in members:
        clock.start(member)
        clock.start(member)  # twice is once

    time.go_on(101.0)

    assert len(clock) == 20
    for member in members:
        assert len(member.due) in (50, 51)
        assert member.steps() == pytest.approx([TICK_S] * len(member.steps()))
    assert sorted(round((member.due[0] - 100) * 1000) for member in members) == sorted([*range(0, 20, 2)] * 2)


def test_a_clock_has_one_timer_for_all(time: SteppedTime) -> None:
    clock = Clock(time)
    for _ in range(100):
        clock.start(Member())

    for step in range(1, 200):
        time.go_on(100 + step / 1000)
        assert len(time.timers) == 1


def test_a_loop_that_was_busy_catches_up(time: SteppedTime) -> None:
    clock, member, other = Clock(time), Member(), Member()
    clock.start(member)
    clock.start(other)
    time.go_on(100.1)

    time.sleep_through(100.5)

    assert len(member.due) in (25, 26)
    assert len(other.due) in (25, 26)
    assert member.steps() == pytest.approx([TICK_S] * len(member.steps()))


def test_what_is_older_than_a_second_is_skipped(time: SteppedTime) -> None:
    clock, member = Clock(time), Member()
    clock.start(member)
    time.go_on(100.1)
    before = len(member.due)

    time.sleep_through(160.0)

    caught_up = len(member.due) - before
    assert caught_up == pytest.approx(CATCH_UP_S / TICK_S, abs=1)
    assert max(member.steps()) == pytest.approx(160 - 100.1 - CATCH_UP_S, abs=TICK_S)
    assert (member.due[-1] - member.due[0]) / TICK_S == pytest.approx(round((member.due[-1] - member.due[0]) / TICK_S))


def test_a_timer_that_fires_a_little_early_is_no_reason_to_spin(time: SteppedTime) -> None:
    clock, member = Clock(time), Member()
    clock.start(member)
    time.go_on(100.01)

    when, callback = time.timers.pop(0)
    time.now = when - 0.0009
    callback()

    assert member.due[-1] == pytest.approx(when)


def test_a_broken_line_stops_nobody_else(time: SteppedTime) -> None:
    clock, broken, member = Clock(time), Broken(), Member()
    clock.start(broken)
    clock.start(member)

    time.go_on(100.1)

    assert len(broken.due) == 1
    assert len(member.due) == 5
    assert len(clock) == 1


def test_who_leaves_is_not_called_again_and_a_clock_for_nobody_stands_still(time: SteppedTime) -> None:
    clock, member, other = Clock(time), Member(), Member()
    clock.start(member)
    clock.start(other)
    time.go_on(100.1)
    count = len(member.due)

    clock.stop(member)
    time.go_on(100.2)
    assert len(member.due) == count
    assert len(other.due) > count

    clock.stop(other)
    time.go_on(105.0)
    assert time.timers == []
    clock.start(member)
    time.go_on(105.1)
    assert len(member.due) >= count + 5


async def test_it_runs_on_a_real_loop() -> None:
    clock, enough = Clock(), asyncio.Event()

    class Counting(Member):
        def on_tick(self, at: float, now: float) -> None:
            super().on_tick(at, now)
            if len(self.due) == 5:
                enough.set()

    member = Counting()
    clock.start(member)
    async with asyncio.timeout(5):
        await enough.wait()
    clock.stop(member)
