import asyncio

import pytest

from offhook.calls.carrier import Carrier, Dial
from offhook.errors import CarrierError
from offhook.testing.memory_carrier import HungUpCall, MemoryCarrier, Redirected


async def test_orders_are_taken_and_written_down() -> None:
    memory = MemoryCarrier(takes_s=0.5)
    port: Carrier = memory
    dial = Dial("call_1", "+15550001111", "+15550002222")
    began = asyncio.get_running_loop().time()

    carrier_call_id = await port.dial(dial)
    await port.redirect(carrier_call_id, "call_1")
    await port.hang_up(carrier_call_id)

    assert memory.orders == [dial, Redirected(carrier_call_id, "call_1"), HungUpCall(carrier_call_id)]
    assert asyncio.get_running_loop().time() - began == pytest.approx(1.5)
    assert await port.dial(dial) != carrier_call_id


async def test_a_broken_carrier_refuses() -> None:
    memory = MemoryCarrier()
    memory.broken = CarrierError("memory", "no", retryable=False)

    with pytest.raises(CarrierError):
        await memory.hang_up("CA1")
