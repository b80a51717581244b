import asyncio
from math import inf

from offhook.loadtest.far_end.timetable import Timetable


class Sleeper:
    def __init__(self) -> None:
        self.due_at = inf
        self.woken: list[float] = []
        self.event = asyncio.Event()

    def on_time(self, now: float) -> None:
        self.woken.append(now)
        self.event.set()


async def woken(*sleepers: Sleeper) -> None:
    async with asyncio.timeout(5):
        for sleeper in sleepers:
            await sleeper.event.wait()


async def test_everyone_is_called_when_due_and_not_before() -> None:
    loop = asyncio.get_running_loop()
    timetable = Timetable(loop)
    sleepers = [Sleeper() for _ in range(50)]
    start = loop.time()

    for number, sleeper in enumerate(sleepers):
        timetable.set(sleeper, start + 0.05 - number / 1000)
    await woken(*sleepers)

    assert all(sleeper.woken[0] >= start + 0.05 - n / 1000 for n, sleeper in enumerate(sleepers))
    assert all(len(sleeper.woken) == 1 for sleeper in sleepers)


async def test_only_the_last_time_that_was_set_counts() -> None:
    loop = asyncio.get_running_loop()
    timetable = Timetable(loop)
    moved, dropped, last = Sleeper(), Sleeper(), Sleeper()
    start = loop.time()

    timetable.set(moved, start + 0.01)
    timetable.set(moved, start + 0.04)
    timetable.set(dropped, start + 0.01)
    timetable.set(dropped, inf)
    timetable.set(last, start + 0.06)
    await woken(last)

    assert len(moved.woken) == 1
    assert moved.woken[0] >= start + 0.04
    assert dropped.woken == []


async def test_an_earlier_time_goes_before_a_later_one() -> None:
    loop = asyncio.get_running_loop()
    timetable = Timetable(loop)
    late, early = Sleeper(), Sleeper()

    timetable.set(late, loop.time() + 60)
    timetable.set(early, loop.time() + 0.01)
    await woken(early)

    assert late.woken == []
    timetable.close()


async def test_who_sets_a_new_time_when_called_is_called_again() -> None:
    loop = asyncio.get_running_loop()
    timetable = Timetable(loop)

    class Ticker(Sleeper):
        def on_time(self, now: float) -> None:
            self.woken.append(now)
            if len(self.woken) < 5:
                timetable.set(self, now + 0.002)
            else:
                self.event.set()

    ticker = Ticker()
    timetable.set(ticker, loop.time())
    await woken(ticker)

    assert len(ticker.woken) == 5


async def test_after_the_close_nobody_is_called() -> None:
    loop = asyncio.get_running_loop()
    timetable, other = Timetable(loop), Timetable(loop)
    never, witness = Sleeper(), Sleeper()
    timetable.set(never, loop.time() + 0.01)
    other.set(witness, loop.time() + 0.03)

    timetable.close()
    await woken(witness)

    assert never.woken == []
