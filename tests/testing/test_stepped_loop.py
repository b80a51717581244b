import asyncio
import time

import pytest

from offhook.testing.stepped_loop import SteppedLoop, Stuck


async def test_waiting_takes_no_time() -> None:
    really, began = time.monotonic(), asyncio.get_running_loop().time()

    await asyncio.sleep(3600)

    assert asyncio.get_running_loop().time() - began == pytest.approx(3600)
    assert time.monotonic() - really < 60


async def test_who_waits_less_comes_first() -> None:
    order: list[str] = []

    async def wait(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append(name)

    await asyncio.gather(wait("late", 3), wait("early", 1), wait("between", 2))

    assert order == ["early", "between", "late"]


async def test_what_is_ready_comes_before_what_is_due() -> None:
    began = asyncio.get_running_loop().time()
    due = asyncio.ensure_future(asyncio.sleep(1))
    for _ in range(100):
        await asyncio.sleep(0)

    assert asyncio.get_running_loop().time() == began
    await due


async def test_a_timeout_is_kept() -> None:
    began = asyncio.get_running_loop().time()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await asyncio.Event().wait()

    assert asyncio.get_running_loop().time() - began == pytest.approx(5)


async def test_a_thread_is_waited_for() -> None:
    assert await asyncio.to_thread(lambda: "done") == "done"


def test_a_test_that_waits_for_nothing_is_told_so() -> None:
    with asyncio.Runner(loop_factory=SteppedLoop) as runner, pytest.raises(Stuck):
        runner.run(asyncio.Event().wait())
