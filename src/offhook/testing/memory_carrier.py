"""A telephone company in memory: the port ``calls.carrier``."""

import asyncio
from dataclasses import dataclass

from offhook.calls.carrier import Dial
from offhook.errors import CarrierError


@dataclass(frozen=True, slots=True)
class HungUpCall:
    """A call was ended by order."""

    carrier_call_id: str


@dataclass(frozen=True, slots=True)
class Redirected:
    """A call asks us anew what to do."""

    carrier_call_id: str
    call_id: str


class MemoryCarrier:
    """A ``Carrier`` that takes every order and writes it down. Set ``broken`` to have it refuse them."""

    def __init__(self, *, controls_calls: bool = True, takes_s: float = 0.0) -> None:
        self.controls_calls = controls_calls
        self.dial_obstacle: str | None = None
        """Why it places no calls, if a test wants that."""
        self.takes_s = takes_s
        """What it takes to answer an order."""
        self.broken: CarrierError | None = None
        self.orders: list[Dial | HungUpCall | Redirected] = []
        self._dialled = 0

    async def dial(self, dial: Dial) -> str:
        """Place a call."""
        await self._take(dial)
        self._dialled += 1
        return f"CA{self._dialled:032x}"

    async def hang_up(self, carrier_call_id: str) -> None:
        """End a call."""
        await self._take(HungUpCall(carrier_call_id))

    async def redirect(self, carrier_call_id: str, call_id: str) -> None:
        """Ask anew."""
        await self._take(Redirected(carrier_call_id, call_id))

    async def _take(self, order: Dial | HungUpCall | Redirected) -> None:
        self.orders.append(order)
        await asyncio.sleep(self.takes_s)
        if self.broken is not None:
            raise self.broken
