import pytest

from offhook.demo.director import Caller
from offhook.demo.failure import DemoFailed
from offhook.demo.scenario import CALLER, DIALLED, WhenQuiet
from offhook.loadtest.twilio import TwilioStandIn

TURNS = [(WhenQuiet(), b"\xff" * 8000)]


@pytest.mark.parametrize("freely", [False, True])
async def test_a_caller_whose_call_ends_too_soon_says_so(freely: bool) -> None:
    async with TwilioStandIn(auth_token="t", voice_url="http://127.0.0.1:9/twilio/voice") as twilio:
        caller = Caller(await twilio.ring(CALLER, DIALLED))
        with pytest.raises(DemoFailed, match="the call ended while the caller waited for the line to open"):
            await (caller.talk_freely(TURNS) if freely else caller.talk(TURNS))
