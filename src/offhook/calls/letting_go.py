"""How the carrier is made to let a call go: hung up, spoken to, or connected to somebody else.

Twilio can be told through its API, or be made to ask: it does as soon as a call's media stream is closed. The second
way is the faster one while there is a stream, and it always works; but only the API confirms, and each stream that we
close stands as an error in Twilio's debugger. So a plain hang-up goes by the API, if that answers soon, and all else by
the stream, if there is one.
"""

import asyncio
from typing import Final

from offhook.calls.carrier import Carrier
from offhook.calls.departure import Departure, Goodbye
from offhook.calls.leg import Leg
from offhook.errors import CarrierError
from offhook.telemetry.logs import get_logger

ORDER_WITHIN_S: Final = 3.0
"""The API has so long; then the stream is closed, which does it too."""

log = get_logger("offhook.calls")


async def let_go(
    carrier: Carrier, carrier_call_id: str | None, call_id: str, departure: Departure, leg: Leg | None
) -> bool:
    """Return True if the carrier has confirmed that the call is over. If not, it is about to ask what comes next."""
    plain = departure == Goodbye()
    if carrier.controls_calls and carrier_call_id is not None and (plain or leg is None):
        try:
            async with asyncio.timeout(ORDER_WITHIN_S if leg is not None else None):
                if plain:
                    await carrier.hang_up(carrier_call_id)
                else:
                    await carrier.redirect(carrier_call_id, call_id)
            return plain
        except (CarrierError, TimeoutError) as error:
            reason = str(error) or "no answer in time"
            log.warning("the carrier did not take the order", call_id=call_id, reason=reason)
    if leg is not None:
        leg.hang_up()
    return False
