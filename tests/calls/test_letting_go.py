import asyncio

from offhook.calls.departure import Departure, Goodbye, Transfer
from offhook.calls.leg import LeftReason
from offhook.calls.letting_go import ORDER_WITHIN_S, let_go
from offhook.errors import CarrierError
from offhook.testing.clock import SteppedClock
from offhook.testing.memory_carrier import HungUpCall, MemoryCarrier, Redirected
from offhook.testing.memory_leg import MemoryLeg


async def letting_go(carrier: MemoryCarrier, departure: Departure, leg: MemoryLeg | None) -> bool:
    return await let_go(carrier, "CA1", "call_1", departure, leg)


async def test_a_hang_up_is_confirmed_by_the_carrier() -> None:
    carrier, leg = MemoryCarrier(), MemoryLeg(SteppedClock())

    assert await letting_go(carrier, Goodbye(), leg)
    assert carrier.orders == [HungUpCall("CA1")]
    assert leg.left is None


async def test_a_sentence_is_said_sooner_if_the_stream_is_closed() -> None:
    for departure in (Goodbye("Sorry."), Transfer("+15550003333")):
        carrier, leg = MemoryCarrier(), MemoryLeg(SteppedClock())

        assert not await letting_go(carrier, departure, leg)
        assert carrier.orders == []
        assert leg.left is LeftReason.CLOSED


async def test_without_a_stream_the_carrier_is_told() -> None:
    carrier = MemoryCarrier()

    assert not await letting_go(carrier, Goodbye("Sorry."), None)
    assert carrier.orders == [Redirected("CA1", "call_1")]


async def test_a_carrier_that_refuses_is_made_to_ask() -> None:
    carrier, leg = MemoryCarrier(), MemoryLeg(SteppedClock())
    carrier.broken = CarrierError("memory", "no", retryable=False)

    assert not await letting_go(carrier, Goodbye(), leg)
    assert leg.left is LeftReason.CLOSED


async def test_a_carrier_that_does_not_answer_is_not_waited_for() -> None:
    carrier, leg = MemoryCarrier(takes_s=60), MemoryLeg(SteppedClock())
    began = asyncio.get_running_loop().time()

    assert not await letting_go(carrier, Goodbye(), leg)
    assert leg.left is LeftReason.CLOSED
    assert asyncio.get_running_loop().time() - began == ORDER_WITHIN_S


async def test_without_an_account_the_stream_is_all_there_is() -> None:
    carrier, leg = MemoryCarrier(controls_calls=False), MemoryLeg(SteppedClock())

    assert not await letting_go(carrier, Goodbye(), leg)
    assert carrier.orders == []
    assert leg.left is LeftReason.CLOSED
