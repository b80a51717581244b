import asyncio
from collections.abc import Callable
from math import inf

from offhook.calls.alarm import Alarm


def timed() -> tuple[Alarm, list[float], Callable[[], float]]:
    """An alarm, the seconds at which it rang, and its clock, which begins at 0."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    rang: list[float] = []

    def clock() -> float:
        return loop.time() - began  # not the loop's own time: a deadline is in the seconds of this clock

    return Alarm(clock, lambda: rang.append(round(clock(), 6))), rang, clock


async def test_it_rings_once_at_its_deadline() -> None:
    alarm, rang, _ = timed()
    alarm.keep(5)
    await asyncio.sleep(60)

    assert rang == [5]


async def test_it_rings_earlier_if_it_has_to() -> None:
    alarm, rang, _ = timed()
    alarm.keep(5)
    alarm.keep(2)
    await asyncio.sleep(60)

    assert rang == [2]


async def test_a_deadline_that_moves_away_does_not_move_the_timer() -> None:
    alarm, rang, _ = timed()
    alarm.keep(5)
    alarm.keep(20)
    alarm.keep(inf)
    await asyncio.sleep(60)

    assert rang == [5]


async def test_what_is_late_rings_at_once() -> None:
    alarm, rang, _ = timed()
    await asyncio.sleep(3)
    alarm.keep(1)
    assert rang == []
    await asyncio.sleep(0.01)

    assert rang == [3]


async def test_it_can_be_set_anew_when_it_rings() -> None:
    alarm, rang, _ = timed()
    alarm.keep(5)
    await asyncio.sleep(6)
    alarm.keep(9)
    await asyncio.sleep(6)

    assert rang == [5, 9]


async def test_nothing_is_asked_for_and_nothing_rings() -> None:
    alarm, rang, _ = timed()
    alarm.keep(inf)
    alarm.off()
    await asyncio.sleep(3600)

    assert rang == []


async def test_it_can_be_switched_off() -> None:
    alarm, rang, _ = timed()
    alarm.keep(5)
    alarm.off()
    await asyncio.sleep(60)

    assert rang == []
