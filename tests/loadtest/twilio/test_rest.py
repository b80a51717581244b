from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.twiml.voice_response import Connect, VoiceResponse

from offhook.loadtest.twilio import Outcome, Status, TwilioStandIn

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.loadtest.twilio.conftest import Gateway, MakeTwilio

ACCOUNT, TOKEN = "AC" + "1" * 32, "testtoken123"
FROM, TO = "+15550002222", "+15550001111"
T = TypeVar("T")
Ask = Callable[[Callable[[], T]], "Awaitable[T]"]


class Rewriting(TwilioHttpClient):  # type: ignore[misc]  # the package has no types
    """The package's own HTTP client, sent to the stand-in."""

    def __init__(self, api_url: str) -> None:
        super().__init__(pool_connections=False)
        self.api_url = api_url

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        assert url.startswith("https://api.twilio.com/")
        return super().request(method, url.replace("https://api.twilio.com", self.api_url), *args, **kwargs)


def client_of(twilio: TwilioStandIn, token: str = TOKEN) -> Any:
    return Client(ACCOUNT, token, http_client=Rewriting(twilio.api_url))


async def ask(request: Callable[[], T]) -> T:
    """The package blocks; the stand-in serves on this loop."""
    return await asyncio.to_thread(request)


@pytest.fixture
def client(twilio: TwilioStandIn) -> Any:
    return client_of(twilio)


def streaming(gateway: Gateway) -> VoiceResponse:
    response = VoiceResponse()
    connect = Connect(action="/after")
    connect.stream(url=gateway.stream_url)
    response.append(connect)
    return response


async def test_a_call_is_placed_rings_and_runs_the_twiml_of_its_url(
    twilio: TwilioStandIn, client: Any, gateway: Gateway
) -> None:
    response = VoiceResponse()
    response.say("Hello")
    gateway.answer("/outbound", response)
    gateway.answer("/status", "")
    call = await ask(
        lambda: client.calls.create(
            to=TO,
            from_=FROM,
            url=f"{gateway.url}/outbound?agent=a",
            status_callback=f"{gateway.url}/status",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
            timeout=20,
            time_limit=60,
            machine_detection="Enable",
        )
    )

    assert call.sid.startswith("CA")
    assert call.status == "queued"
    assert call.direction == "outbound-api"
    assert (call.to, call._from, call.account_sid) == (TO, FROM, ACCOUNT)
    assert call.date_created.tzinfo is not None
    line = twilio.lines_by_sid[call.sid]
    await line.until_ended()
    await line.callbacks_sent()
    [asked] = gateway.asked_for("/outbound")
    assert asked.query == "agent=a"
    assert asked.form["Direction"] == "outbound-api"
    assert asked.form["CallStatus"] == "in-progress"
    assert asked.form["AnsweredBy"] == "human"
    assert line.sentences == ["Hello"]
    forms = [one.form for one in gateway.asked_for("/status")]
    assert [form["CallStatus"] for form in forms] == ["initiated", "ringing", "in-progress", "completed"]
    assert [form["SequenceNumber"] for form in forms] == ["0", "1", "2", "3"]
    assert line.plan.request["Timeout"] == "20"

    fetched = await ask(lambda: client.calls(call.sid).fetch())
    assert fetched.status == "completed"
    assert fetched.duration == "0"
    assert fetched.end_time >= fetched.start_time
    assert fetched.answered_by == "human"


async def test_twiml_can_come_with_the_request(twilio: TwilioStandIn, client: Any) -> None:
    call = await ask(lambda: client.calls.create(to=TO, from_=FROM, twiml="<Response><Say>Hi</Say></Response>"))
    line = twilio.lines_by_sid[call.sid]
    await line.until_ended()

    assert line.sentences == ["Hi"]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.BUSY, "busy"), (Outcome.NO_ANSWER, "no-answer"), (Outcome.FAILED, "failed")],
)
async def test_not_every_call_is_answered(
    make_twilio: MakeTwilio, gateway: Gateway, outcome: Outcome, status: str
) -> None:
    twilio = await make_twilio(outbound_answer=outcome)
    gateway.answer("/status", "")
    client = client_of(twilio)
    call = await ask(
        lambda: client.calls.create(
            to=TO, from_=FROM, url=f"{gateway.url}/outbound", timeout=0, status_callback=f"{gateway.url}/status"
        )
    )
    line = twilio.lines_by_sid[call.sid]

    assert await line.until_ended() == status
    await line.callbacks_sent()
    assert [one.form["CallStatus"] for one in gateway.asked_for("/status")] == [status]
    assert gateway.asked_for("/outbound") == []
    assert (await ask(lambda: client.calls(call.sid).fetch())).duration is None


async def test_the_test_may_decide_for_each_outbound_line(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    outcomes = iter([Outcome.BUSY, Outcome.ANSWERED])
    twilio = await make_twilio(on_outbound=lambda line: setattr(line, "outcome", next(outcomes)))
    gateway.answer("/outbound", VoiceResponse())
    client = client_of(twilio)
    for _ in range(2):
        await ask(lambda: client.calls.create(to=TO, from_=FROM, url=f"{gateway.url}/outbound"))

    assert [await line.until_ended() for line in twilio.lines] == [Status.BUSY, Status.COMPLETED]


async def test_a_live_call_is_redirected_in_mid_stream(twilio: TwilioStandIn, client: Any, gateway: Gateway) -> None:
    gateway.answer("/voice", streaming(gateway))
    gateway.answer("/resume", streaming(gateway))
    line = await twilio.ring(TO, FROM)
    peer = await gateway.stream()

    updated = await ask(lambda: client.calls(line.sid).update(url=f"{gateway.url}/resume", method="GET"))
    second = await gateway.stream()

    assert updated.status == "in-progress"
    async with asyncio.timeout(5):
        await peer.closed.wait()
    assert peer.messages[-1]["event"] == "stop"
    assert second.sid != peer.sid
    assert second.messages[1]["start"]["callSid"] == line.sid
    assert gateway.asked_for("/resume")[0].method == "GET"
    assert gateway.asked_for("/after") == []
    assert line.verbs == ["Connect", "Connect"]


async def test_a_live_call_is_given_other_twiml(twilio: TwilioStandIn, client: Any, gateway: Gateway) -> None:
    gateway.answer("/voice", streaming(gateway))
    line = await twilio.ring(TO, FROM)
    await gateway.stream()

    await ask(lambda: client.calls(line.sid).update(twiml="<Response><Say>Sorry</Say><Hangup/></Response>"))
    await line.until_ended()

    assert line.sentences == ["Sorry"]


async def test_a_live_call_is_hung_up_and_then_gone(twilio: TwilioStandIn, client: Any, gateway: Gateway) -> None:
    gateway.answer("/voice", streaming(gateway))
    line = await twilio.ring(TO, FROM)
    peer = await gateway.stream()

    call = await ask(lambda: client.calls(line.sid).update(status="completed"))

    assert call.status == "completed"
    async with asyncio.timeout(5):
        await peer.closed.wait()
    assert peer.messages[-1]["event"] == "stop"
    with pytest.raises(TwilioRestException) as caught:
        await ask(lambda: client.calls(line.sid).update(status="completed"))
    assert (caught.value.status, caught.value.code) == (404, 20404)


async def test_canceled_is_for_calls_that_nobody_has_answered(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    twilio = await make_twilio(ring_s=30)
    client = client_of(twilio)
    gateway.answer("/voice", streaming(gateway))
    answered = await twilio.ring(TO, FROM)
    await gateway.stream()
    call = await ask(lambda: client.calls.create(to=TO, from_=FROM, url=f"{gateway.url}/outbound"))
    with pytest.raises(TwilioRestException) as caught:
        await ask(lambda: client.calls(call.sid).update(url=f"{gateway.url}/other"))
    assert caught.value.code == 21220

    for sid in (answered.sid, call.sid):
        await ask(lambda sid=sid: client.calls(sid).update(status="canceled"))  # type: ignore[misc]

    assert answered.status is Status.IN_PROGRESS
    assert twilio.lines_by_sid[call.sid].status is Status.CANCELED


async def test_calls_beyond_the_rate_wait_in_the_queue(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    twilio = await make_twilio(calls_per_second=0.1)
    gateway.answer("/outbound", VoiceResponse())
    client = client_of(twilio)
    for _ in range(3):
        await ask(lambda: client.calls.create(to=TO, from_=FROM, url=f"{gateway.url}/outbound"))
    first, second, third = twilio.lines
    await first.until_ended()

    assert [line.status for line in (second, third)] == [Status.QUEUED, Status.QUEUED]
    await ask(lambda: client.calls(second.sid).update(status="canceled"))
    assert second.status is Status.CANCELED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "5550001111"}, 21211),
        ({"to": ""}, 21201),
        ({"from_": "me"}, 21212),
        ({"from_": ""}, 21213),
        ({"url": ""}, 21205),
        ({"url": "/outbound"}, 21205),
        ({"url": "", "twiml": "<Response>" + " " * 4000 + "</Response>"}, 20001),
        ({"status_callback": "https://my_host.example/s"}, 21609),
        ({"status_callback": "https://a.example/s", "status_callback_event": ["sneezed"]}, 21626),
        ({"method": "PUT"}, 20001),
        ({"timeout": "soon"}, 20001),
    ],
)
async def test_bad_requests_are_refused_with_twilios_number(
    twilio: TwilioStandIn, client: Any, changes: dict[str, Any], code: int
) -> None:
    good = {"to": TO, "from_": FROM, "url": "https://gw.example/outbound"}
    with pytest.raises(TwilioRestException) as caught:
        await ask(lambda: client.calls.create(**(good | changes)))

    assert (caught.value.status, caught.value.code) == (400, code)
    assert twilio.lines == []


async def test_url_and_twiml_exclude_each_other_on_update(twilio: TwilioStandIn, client: Any, gateway: Gateway) -> None:
    gateway.answer("/voice", streaming(gateway))
    line = await twilio.ring(TO, FROM)
    await gateway.stream()

    for change in ({"url": "https://gw.example/a", "twiml": "<Response/>"}, {"status": "busy"}):
        with pytest.raises(TwilioRestException) as caught:
            await ask(lambda change=change: client.calls(line.sid).update(**change))  # type: ignore[misc]
        assert caught.value.status == 400
    assert line.status is Status.IN_PROGRESS


async def test_who_does_not_know_the_token_is_refused(twilio: TwilioStandIn) -> None:
    with pytest.raises(TwilioRestException) as caught:
        await ask(lambda: client_of(twilio, "wrong").calls.create(to=TO, from_=FROM, url="https://gw.example/a"))

    assert (caught.value.status, caught.value.code) == (401, 20003)


async def test_an_api_key_is_as_good_as_the_token(make_twilio: MakeTwilio) -> None:
    twilio = await make_twilio(api_keys={"SK1": "secret"})
    client = Client("SK1", "secret", ACCOUNT, http_client=Rewriting(twilio.api_url))

    account = await ask(lambda: client.api.accounts(ACCOUNT).fetch())

    assert account.status == "active"


async def test_the_account_can_be_seen(client: Any) -> None:
    account = await ask(lambda: client.api.accounts(ACCOUNT).fetch())

    assert (account.sid, account.status, account.type) == (ACCOUNT, "active", "Full")
    assert account.date_created.tzinfo is not None


async def test_what_is_not_there_is_20404(client: Any) -> None:
    for request in (
        lambda: client.calls("CA" + "0" * 32).fetch(),
        lambda: client.api.accounts("AC" + "2" * 32).fetch(),
        lambda: client.recordings("RE" + "0" * 32).fetch(),
    ):
        with pytest.raises(TwilioRestException) as caught:
            await ask(request)
        assert (caught.value.status, caught.value.code) == (404, 20404)
