"""The telephone company, as a call sees it: a port.

A leg carries sound; a carrier carries the call itself. Where it offers no way to act on a live call (no REST
credentials, say), ``controls_calls`` is False and the call falls back on closing its leg, upon which the carrier asks
what to do next.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Dial:
    """An outbound call to place. Numbers in E.164, or ``sip:`` addresses."""

    call_id: str
    to: str
    caller_id: str
    ring_s: int = 30


class Carrier(Protocol):
    """Acts on calls at the telephone company. All methods raise CarrierError."""

    @property
    def controls_calls(self) -> bool:
        """If it can act on live calls at all."""

    @property
    def dial_obstacle(self) -> str | None:
        """Why no call can be placed, in words for whoever wanted to; None if nothing is in the way."""

    async def dial(self, dial: Dial) -> str:
        """Place a call; return the carrier's id of it."""

    async def hang_up(self, carrier_call_id: str) -> None:
        """End a live call; returns when the carrier has confirmed it, also if it had ended already."""

    async def redirect(self, carrier_call_id: str, call_id: str) -> None:
        """Make the carrier ask us anew what to do with a live call."""
