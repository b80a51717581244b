"""The carrier against the stand-in's REST API, and against one that answers strangely."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.carriers.twilio.office import office
from tests.waiting import eventually

from offhook.calls.carrier import Dial
from offhook.carriers.twilio.addresses import Addresses
from offhook.carriers.twilio.rest import TRIES, NoCarrier, TwilioCarrier
from offhook.errors import CarrierError
from offhook.loadtest.twilio import Line, Outcome, TwilioStandIn
from offhook.loadtest.twilio.twiml import Pause

SID = "AC" + "0" * 32
NOBODY = Addresses("http://127.0.0.1:9")
"""A public address where nothing listens: the stand-in's webhooks fail there at once."""
DIAL = Dial("call_1", "+15550002222", "+15550001111", ring_s=25)
HOLD = "<Response><Say>Hold.</Say><Pause length='60'/></Response>"


@asynccontextmanager
async def carrier_at(
    api_url: str, auth_token: str = "tok", addresses: Addresses | None = NOBODY
) -> AsyncIterator[TwilioCarrier]:
    carrier = TwilioCarrier(SID, auth_token, api_url=api_url, addresses=addresses)
    try:
        yield carrier
    finally:
        await carrier.aclose()


def busy(line: Line) -> None:
    line.outcome = Outcome.BUSY


# ---- dial ----------------------------------------------------------------------------------------------------------


async def test_a_call_is_placed_with_all_that_twilio_has_to_know() -> None:
    async with TwilioStandIn(auth_token="tok", on_outbound=busy) as twilio, carrier_at(twilio.api_url) as carrier:
        sid = await carrier.dial(DIAL)

        line = twilio.lines_by_sid[sid]
        assert (line.caller, line.dialled) == ("+15550001111", "+15550002222")
        assert line.plan.request["Url"] == "http://127.0.0.1:9/twilio/voice?call=call_1"
        assert line.plan.request["Method"] == "POST"
        assert line.plan.ring_timeout_s == 25
        assert line.plan.callback is not None
        assert line.plan.callback.url == "http://127.0.0.1:9/twilio/status?call=call_1"
        assert line.plan.callback.method == "POST"
        assert set(line.plan.callback.events) == {"initiated", "ringing", "answered", "completed"}


async def test_a_sip_address_can_be_called() -> None:
    async with TwilioStandIn(auth_token="tok", on_outbound=busy) as twilio, carrier_at(twilio.api_url) as carrier:
        sid = await carrier.dial(Dial("call_1", "sip:desk@example.com", "+15550001111"))

        assert twilio.lines_by_sid[sid].dialled == "sip:desk@example.com"


async def test_without_a_public_url_twilio_cannot_be_told_where_we_are() -> None:
    async with office((201, "{}")) as desk, carrier_at(desk.url, addresses=None) as carrier:
        with pytest.raises(CarrierError, match="OFFHOOK_PUBLIC_URL") as refused:
            await carrier.dial(DIAL)

        assert not refused.value.retryable
        assert desk.requests == []


async def test_a_wrong_token_is_told_and_nothing_is_retried() -> None:
    async with TwilioStandIn(auth_token="right") as twilio, carrier_at(twilio.api_url, "wrong") as carrier:
        with pytest.raises(CarrierError) as refused:
            await carrier.dial(DIAL)

    assert (refused.value.status, refused.value.code, refused.value.retryable) == (401, 20003, False)
    assert "wrong" not in str(refused.value)


async def test_a_number_that_twilio_does_not_take_is_told_with_its_reason() -> None:
    async with TwilioStandIn(auth_token="tok") as twilio, carrier_at(twilio.api_url) as carrier:
        with pytest.raises(CarrierError, match="not valid") as refused:
            await carrier.dial(Dial("call_1", "12", "+15550001111"))

    assert (refused.value.status, refused.value.code, refused.value.retryable) == (400, 21211, False)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_call_is_never_placed_twice(status: int) -> None:
    refusal = json.dumps({"code": 20429, "message": "Too Many Requests", "status": status})
    async with office((status, refusal)) as desk, carrier_at(desk.url) as carrier:
        with pytest.raises(CarrierError) as refused:
            await carrier.dial(DIAL)

        assert len(desk.requests) == 1
    assert refused.value.retryable
    assert refused.value.status == status


async def test_nobody_knows_if_a_call_was_placed_when_no_answer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offhook.carriers.twilio.rest.WITHIN_S", 0.2)
    async with office(None) as desk, carrier_at(desk.url) as carrier:
        with pytest.raises(CarrierError, match="no answer") as refused:
            await carrier.dial(DIAL)

        assert len(desk.requests) == 1
    assert refused.value.status is None


@pytest.mark.parametrize(
    "answer",
    ["<h1>Welcome to the hotel</h1>", "[]", '"CA1"', "{}", '{"sid": null}', '{"sid": 5}', "", '{"sid":"CA1"'],
)
async def test_an_answer_that_is_no_call_is_an_error_of_the_carrier(answer: str) -> None:
    async with office((201, answer)) as desk, carrier_at(desk.url) as carrier:
        with pytest.raises(CarrierError, match="unreadable answer"):
            await carrier.dial(DIAL)

        assert len(desk.requests) == 1


# ---- hang up and redirect ------------------------------------------------------------------------------------------


@asynccontextmanager
async def talking(twilio: TwilioStandIn) -> AsyncIterator[Line]:
    """A call that is on hold at some other document."""
    async with office((200, HOLD)) as desk:
        twilio.voice_url = desk.url
        line = await twilio.ring("+15550001111", "+15550002222")
        await line.until_answered()
        yield line


async def test_a_call_is_hung_up() -> None:
    async with (
        TwilioStandIn(auth_token="tok") as twilio,
        carrier_at(twilio.api_url) as carrier,
        talking(twilio) as line,
    ):
        await carrier.hang_up(line.sid)

        assert await line.until_ended(1) == "completed"


async def test_a_call_that_has_ended_already_is_hung_up_all_the_same() -> None:
    async with TwilioStandIn(auth_token="tok") as twilio, carrier_at(twilio.api_url) as carrier:
        async with talking(twilio) as line:
            line.hang_up()
            await carrier.hang_up(line.sid)
        await carrier.hang_up("CA" + "f" * 32)


async def test_hanging_up_needs_no_public_url() -> None:
    async with (
        TwilioStandIn(auth_token="tok") as twilio,
        carrier_at(twilio.api_url, addresses=None) as carrier,
        talking(twilio) as line,
    ):
        await carrier.hang_up(line.sid)

        await line.until_ended(1)


async def test_a_redirected_call_asks_our_resume_address() -> None:
    goodbye = "<Response><Say>Goodbye.</Say><Hangup/></Response>"
    async with (
        TwilioStandIn(auth_token="tok") as twilio,
        office((200, goodbye)) as gateway,
        carrier_at(twilio.api_url, addresses=Addresses(gateway.url)) as carrier,
        talking(twilio) as line,
    ):
        await carrier.redirect(line.sid, "call_1")
        await line.until_ended(2)

        assert gateway.requests == [("POST", "/twilio/resume?call=call_1")]
        assert line.sentences == ["Hold.", "Goodbye."]
        assert Pause(60) in [executed.verb for executed in line.log]


@pytest.mark.parametrize("passing", [(429, "{}"), (500, "{}"), (503, "<h1>Back soon</h1>"), (200, "<h1>What?</h1>")])
async def test_what_may_pass_is_tried_again_for_a_live_call(passing: tuple[int, str]) -> None:
    async with office(passing, (200, '{"sid":"CA1","status":"completed"}')) as desk, carrier_at(desk.url) as carrier:
        await carrier.hang_up("CA1")

        assert desk.requests == [("POST", f"/2010-04-01/Accounts/{SID}/Calls/CA1.json")] * 2
        assert desk.forms == [{"Status": ["completed"]}] * 2


async def test_what_does_not_pass_is_told_after_a_few_tries() -> None:
    async with office((500, "{}")) as desk, carrier_at(desk.url) as carrier:
        with pytest.raises(CarrierError) as failed:
            await carrier.redirect("CA1", "call_1")

        assert len(desk.requests) == TRIES
    assert (failed.value.status, failed.value.retryable) == (500, True)


async def test_what_twilio_refuses_for_good_is_asked_once() -> None:
    refusal = json.dumps({"code": 21220, "message": "Call is not in-progress. Cannot redirect.", "status": 400})
    async with office((400, refusal)) as desk, carrier_at(desk.url) as carrier:
        with pytest.raises(CarrierError, match="Cannot redirect") as refused:
            await carrier.redirect("CA1", "call_1")

        assert len(desk.requests) == 1
    assert (refused.value.status, refused.value.code, refused.value.retryable) == (400, 21220, False)


async def test_the_newer_form_of_twilios_errors_is_read_too() -> None:
    problem = {
        "type": "https://www.twilio.com/docs/x",
        "title": "Nope",
        "status": 429,
        "code": 20429,
        "detail": "Slow.",
    }
    async with office((429, json.dumps(problem))) as desk, carrier_at(desk.url) as carrier:
        with pytest.raises(CarrierError, match="Slow") as refused:
            await carrier.dial(DIAL)

    assert (refused.value.status, refused.value.code, refused.value.retryable) == (429, 20429, True)


async def test_an_api_that_cannot_be_reached_is_named() -> None:
    async with office((200, "{}")) as desk:
        url = desk.url
    async with carrier_at(url) as carrier:
        with pytest.raises(CarrierError) as failed:
            await carrier.dial(DIAL)

    assert failed.value.retryable
    assert url in failed.value.reason


async def test_a_cancelled_order_leaves_the_carrier_usable() -> None:
    async with office(None, (200, '{"sid":"CA1"}')) as desk, carrier_at(desk.url) as carrier:
        order = asyncio.create_task(carrier.hang_up("CA1"))
        await eventually(lambda: desk.requests)
        order.cancel()
        with pytest.raises(asyncio.CancelledError):
            await order

        await carrier.hang_up("CA1")


async def test_a_carrier_that_was_closed_says_so() -> None:
    async with office((200, "{}")) as desk, carrier_at(desk.url) as carrier:
        await carrier.aclose()
        for order in (carrier.dial(DIAL), carrier.hang_up("CA1")):
            with pytest.raises(CarrierError, match="shutting down"):
                await order


async def test_without_an_account_nothing_can_be_done_and_the_setting_is_named() -> None:
    carrier = NoCarrier()

    assert not carrier.controls_calls
    for order in (carrier.dial(DIAL), carrier.hang_up("CA1"), carrier.redirect("CA1", "call_1")):
        with pytest.raises(CarrierError, match="OFFHOOK_TWILIO_ACCOUNT_SID"):
            await order
    await carrier.aclose()
