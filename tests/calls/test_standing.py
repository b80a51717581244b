"""How a worker stands, with calls in memory."""

import asyncio
from collections.abc import Mapping

from tests.calls.called import answering

from offhook.agents.agent import Agent
from offhook.calls.engine import Engine
from offhook.calls.facts import CallLimits
from offhook.calls.pacing import Pacing
from offhook.calls.standing import standing
from offhook.calls.switchboard import Capacity, Switchboard
from offhook.telemetry import metrics
from offhook.telemetry.metric import Metric
from offhook.testing.memory_carrier import MemoryCarrier
from offhook.testing.memory_leg import MemoryLeg

SECOND = b"\x55" * 8000


def board(max_calls: int = 10) -> Switchboard:
    engines: Mapping[str, Engine] = {"memory": answering(takes_s=1000)}
    return Switchboard(
        MemoryCarrier(),
        engines,
        default_engine="memory",
        capacity=Capacity(max_calls),
        limits=CallLimits(queue_ms=10_000),
        pacing=Pacing(100),
        publish=lambda call_id, event: None,
        may_dial=lambda to: True,
    )


def shown(switchboard: Switchboard, metric: Metric) -> dict[tuple[str, ...], object]:
    return {r.labels: r.value for r in standing(switchboard, ["memory"]) if r.metric is metric}


async def test_calls_are_shown_by_engine_direction_and_state_also_where_there_is_none() -> None:
    switchboard = board()
    assert set(shown(switchboard, metrics.ACTIVE_CALLS).values()) == {0}
    assert len(shown(switchboard, metrics.ACTIVE_CALLS)) == 8

    switchboard.ring("CA1", "+15550001111", "+15550002222", Agent())
    switchboard.ring("CA2", "+15550001111", "+15550002222", Agent())
    talking = switchboard.living()[0]
    talking.leg_came(MemoryLeg(asyncio.get_running_loop().time))
    switchboard.place("+15550003333", "+15550002222", Agent())

    assert {labels: value for labels, value in shown(switchboard, metrics.ACTIVE_CALLS).items() if value} == {
        ("memory", "inbound", "talking"): 1,
        ("memory", "inbound", "ringing"): 1,
        ("memory", "outbound", "ringing"): 1,
    }
    for call in switchboard.living():
        call.departed()
    assert set(shown(switchboard, metrics.ACTIVE_CALLS).values()) == {0}


async def test_sound_that_waits_is_shown_for_all_calls_and_for_the_worst() -> None:
    switchboard = board()
    assert shown(switchboard, metrics.SOUND_WAITING_MAX) == {(): 0}
    for number, seconds in enumerate((1, 3)):
        switchboard.ring(f"CA{number}", "+15550001111", "+15550002222", Agent())
        leg = MemoryLeg(asyncio.get_running_loop().time)
        switchboard.living()[number].leg_came(leg)
        for _ in range(seconds):
            switchboard.living()[number].bridge.spoke(SECOND)

    assert shown(switchboard, metrics.SOUND_WAITING) == {(): 4}
    assert shown(switchboard, metrics.SOUND_WAITING_MAX) == {(): 3}
    assert shown(switchboard, metrics.REPLY_UNSENT) == {(): 0}
    for call in switchboard.living():
        call.departed()


async def test_it_shows_the_limit_and_whether_it_is_reached() -> None:
    switchboard = board(max_calls=1)
    assert shown(switchboard, metrics.MAX_CALLS) == {(): 1}
    assert shown(switchboard, metrics.ACCEPTING) == {(): 1}
    switchboard.ring("CA1", "+15550001111", "+15550002222", Agent())
    assert shown(switchboard, metrics.ACCEPTING) == {(): 0}
    for living in switchboard.living():
        living.departed()
