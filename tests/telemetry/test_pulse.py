import asyncio
import time

import pytest

from offhook.telemetry import health as health_module
from offhook.telemetry.health import Health
from offhook.telemetry.pulse import Pulse
from offhook.telemetry.tally import Tally


def block(seconds: float) -> None:
    time.sleep(seconds)


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


async def test_a_loop_that_is_blocked_again_and_again_is_overloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "SECOND_S", 0.1)
    health = Health(close_at_s=0.05)
    pulse = Pulse(Tally((1.0,)), health)
    pulse.start()
    async with asyncio.timeout(30):
        while not health.overloaded:
            block(0.1)
            await asyncio.sleep(0)
    pulse.stop()


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
