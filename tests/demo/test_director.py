import pytest

from offhook.demo.director import Caller
from offhook.demo.failure import DemoFailed
from offhook.demo.scenario import CALLER, CALLER_TURNS, DIALLED
from offhook.loadtest.twilio import TwilioStandIn


async def test_a_caller_whose_call_ends_too_soon_says_so() -> None:
    async with TwilioStandIn(auth_token="t", voice_url="http://127.0.0.1:9/twilio/voice") as twilio:
        line = await twilio.ring(CALLER, DIALLED)
        with pytest.raises(DemoFailed, match="the call ended while the caller waited for the line to open"):
            await Caller(line).talk(CALLER_TURNS)
