"""Which streams are let in: over the public URL, behind proxies, and on a machine without a token."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from tests.by_hand import SIGNATURE, Hand, Ringing, Stream, by_hand, media, ringing, sign, stream_url
from tests.gateway import RunningGateway, running_gateway
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[RunningGateway]:
    async with running_gateway(engine_connect_seconds=60) as gateway:
        yield gateway


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def twilio(running: RunningGateway) -> AsyncIterator[Hand]:
    async with by_hand(running) as hand:
        yield hand


async def status_of(url: str, **headers: Any) -> int:
    async with await Stream.to(url, **headers) as stream:
        return stream.answer.status


async def test_a_signed_stream_with_its_token_is_the_calls_line(running: RunningGateway, twilio: Hand) -> None:
    call = await twilio.ring()
    async with await Stream.to(call.url) as stream:
        assert stream.answer.status == 101
        assert "server" not in stream.answer.headers
        await stream.start(call.call_sid)
        await eventually(lambda: shown(running, call)["state"] == "talking")
        assert len(running.gateway.media.open) == 1
    await eventually(lambda: shown(running, call)["state"] == "resuming")
    await eventually(lambda: not running.gateway.media.open)


def shown(running: RunningGateway, call: Ringing) -> dict[str, str]:
    [found] = [each for each in running.calls if each.id == call.call_id]
    return {"state": found.state}


@pytest.mark.parametrize("shape", ["{0}/", "{0}"])
async def test_a_trailing_slash_is_forgiven_in_the_signature_only(twilio: Hand, shape: str) -> None:
    call = await twilio.ring()

    assert await status_of(call.url, X_Twilio_Signature=sign(shape.format(call.url))) == 101


@pytest.mark.parametrize(
    "path",
    [
        "",
        "w0",
        "w0/{id}",
        "w0/{id}/{token}/more",
        "w0//{token}",
        "w0/{id}/",
        "/{id}/{token}x",
        "w0/{id}/{token}?x=1",
        "w0/{id}/%00",
        "w0/{id}/1.2",
        "w0/{id}/1.99999999999.AAAA",
        "w0/{id}/²." + "9" * 25 + ".x",
        "w0/" + "x" * 600 + "/{token}",
        "%2e%2e/%2e%2e/api",
    ],
)
async def test_a_path_of_rubbish_opens_nothing_though_it_is_signed(twilio: Hand, path: str) -> None:
    call = await twilio.ring()
    url = f"ws://{twilio.running.authority}/ws/media/" + quote(
        path.format(id=call.call_id, token=call.token), safe="/%?=.&"
    )

    assert await status_of(url) in (403, 404)
    assert await status_of(call.url) == 101  # and has used nothing up


async def test_any_worker_may_be_named_for_it_is_only_a_hint(twilio: Hand) -> None:
    call = await twilio.ring()

    assert await status_of(call.url.replace("/w0/", "/w17/")) == 101


async def test_behind_a_public_url_the_stream_is_signed_over_that() -> None:
    async with running_gateway(public_url="https://voice.example.com") as running, by_hand(running) as twilio:
        fields = ringing()
        outer = "https://voice.example.com/twilio/voice"
        public = stream_url((await twilio.post("/twilio/voice", fields, signature=sign(outer, fields))).text)
        inner = public.replace("wss://voice.example.com", f"ws://{running.authority}")

        assert await status_of(inner) == 403  # signed over the inner address
        assert await status_of(inner, X_Twilio_Signature=sign(public.replace("wss:", "https:"))) == 403
        assert await status_of(inner, X_Twilio_Signature=sign(public)) == 101


@pytest.mark.parametrize("proto", ["https", "wss"])
async def test_behind_a_proxy_that_says_what_was_asked_for_it_is_signed_over_that(twilio: Hand, proto: str) -> None:
    call = await twilio.ring()
    public = call.url.replace(f"ws://{twilio.running.authority}", "wss://voice.example.com")
    proxied = {"X_Forwarded_Proto": proto, "X_Forwarded_Host": "voice.example.com"}

    assert await status_of(call.url, **proxied) == 403
    assert await status_of(call.url, **proxied, X_Twilio_Signature=sign(public)) == 101


@pytest.mark.parametrize("host", ["[::1", "h:99999", "h:x", "é"])
async def test_a_strange_host_is_refused_and_breaks_nothing(twilio: Hand, host: str) -> None:
    call = await twilio.ring()

    assert await status_of(call.url, Host=host) in (400, 403)


async def test_without_a_token_this_machine_streams_unsigned_and_nobody_else() -> None:
    open_door: dict[str, Any] = {"twilio_auth_token": None, "twilio_account_sid": None, "api_token": None}
    async with running_gateway(**open_door) as running, running.http(headers={}) as http:

        async def ring() -> str:
            return stream_url((await http.post("/twilio/voice", data=ringing())).text)

        for headers in ({"X-Forwarded-For": "1.2.3.4"}, {"Host": "voice.example.com"}, {"Origin": "https://a.example"}):
            assert await status_of(await ring(), **{SIGNATURE: ""}, **headers) == 403
        assert await status_of(await ring(), **{SIGNATURE: ""}) == 101


async def test_the_newest_stream_has_the_call(running: RunningGateway, twilio: Hand) -> None:
    call = await twilio.ring()
    async with await Stream.to(call.url) as first:
        await first.start(call.call_sid)
        await eventually(lambda: shown(running, call)["state"] == "talking")
        again = await twilio.ring(call.call_sid)
        assert again.call_id == call.call_id
        async with await Stream.to(again.url) as second:
            await second.start(call.call_sid)

            assert await first.closed() == (1000, "")
            first.say(media())
            assert shown(running, call)["state"] == "talking"


async def test_a_stream_of_a_call_that_has_ended_is_refused(running: RunningGateway, twilio: Hand) -> None:
    call = await twilio.ring()
    await twilio.post("/twilio/status", {"CallSid": call.call_sid, "CallStatus": "completed"})

    assert await status_of(call.url) == 410
