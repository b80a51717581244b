import asyncio

from tests.calls.called import Called

from offhook.agents.agent import Agent
from offhook.agents.handle import CallHandle
from offhook.calls.key_presses import HANDLER_WITHIN_S, WAITING_LIMIT, KeyPresses


def presses(handled: list[str], takes_s: float = 0.0) -> KeyPresses:
    async def on_digit(digit: str, call: CallHandle) -> None:
        if digit == "*":
            raise ValueError("no star here")
        await asyncio.sleep(takes_s)
        handled.append(digit)

    return KeyPresses(on_digit, Called(Agent()).call)


async def test_keys_are_handled_in_order_one_at_a_time() -> None:
    handled: list[str] = []
    keys = presses(handled, takes_s=1)
    for digit in "123":
        keys.pressed(digit)
    await asyncio.sleep(1.5)
    assert handled == ["1"]
    await asyncio.sleep(2)
    assert handled == ["1", "2", "3"]


async def test_a_handler_that_fails_or_hangs_does_not_hold_up_the_next_key() -> None:
    handled: list[str] = []
    keys = presses(handled)
    for digit in "*1":
        keys.pressed(digit)
    await asyncio.sleep(0.1)
    assert handled == ["1"]

    hanging = presses(handled, takes_s=HANDLER_WITHIN_S + 1)
    hanging.pressed("2")
    hanging.pressed("*")
    await asyncio.sleep(HANDLER_WITHIN_S + 0.1)
    assert {task.get_name() for task in asyncio.all_tasks()} & {"on-digit"} == set()
    assert handled == ["1"]


async def test_no_more_keys_wait_than_make_sense() -> None:
    handled: list[str] = []
    keys = presses(handled, takes_s=0.01)
    for _ in range(10 * WAITING_LIMIT):
        keys.pressed("5")
    await asyncio.sleep(60)

    assert len(handled) == WAITING_LIMIT


async def test_keys_that_wait_when_the_call_ends_are_dropped() -> None:
    handled: list[str] = []
    keys = presses(handled, takes_s=1)
    keys.pressed("1")
    keys.pressed("2")
    await asyncio.sleep(0.5)
    keys.close()
    await asyncio.sleep(10)

    assert handled == ["1"]
