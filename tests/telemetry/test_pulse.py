import asyncio
import time

import pytest

from offhook.telemetry import health as health_module
from offhook.telemetry.health import Health
from offhook.telemetry.pulse import Pulse
from offhook.telemetry.tally import Tally


def block(seconds: float) -> None:
    """Late without working, as when another process has the core."""
    time.sleep(seconds)


def work(seconds: float) -> None:
    """So much processor time, on this thread."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


async def test_a_step_that_blocks_the_loop_is_seen() -> None:
    lag_s, health = Tally((0.05, 0.1, 10.0)), Health()
    pulse = Pulse(lag_s, health)
    pulse.start()
    await asyncio.sleep(0.05)
    block(0.25)
    await asyncio.sleep(0.05)
    pulse.stop()

    assert lag_s.counts[2] >= 1
    assert not health.overloaded


async def test_a_loop_that_works_too_long_again_and_again_is_overloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "SECOND_S", 0.1)
    health = Health(close_at_s=0.05)
    pulse = Pulse(Tally((1.0,)), health)
    pulse.start()
    async with asyncio.timeout(30):
        while not health.overloaded:
            work(0.1)
            await asyncio.sleep(0)
    pulse.stop()


async def test_a_loop_that_others_keep_from_working_is_late_and_not_overloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "SECOND_S", 0.1)
    lag_s, health = Tally((0.05, 0.2, 1.0)), Health(close_at_s=0.05)
    pulse = Pulse(lag_s, health)
    pulse.start()
    for _ in range(15):
        work(0.005)
        block(0.1)
        await asyncio.sleep(0.001)
        assert not health.overloaded
    pulse.stop()

    assert lag_s.count - lag_s.counts[0] >= 10


async def test_after_the_stop_nobody_looks() -> None:
    lag_s = Tally((1.0,))
    pulse = Pulse(lag_s, Health())
    pulse.start()
    pulse.start()
    await asyncio.sleep(0.1)
    pulse.stop()
    pulse.stop()
    seen = lag_s.count
    await asyncio.sleep(0.1)

    assert 1 <= seen <= 6
    assert lag_s.count == seen
