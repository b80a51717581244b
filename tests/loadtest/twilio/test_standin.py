from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, VoiceResponse

from offhook.loadtest.twilio import Status, TwilioStandIn, standin

if TYPE_CHECKING:
    from tests.loadtest.twilio.conftest import Gateway, MakeTwilio

CALLER, NUMBER = "+15550001111", "+15550002222"


def streaming(gateway: Gateway) -> VoiceResponse:
    response = VoiceResponse()
    connect = Connect()
    connect.stream(url=gateway.stream_url)
    response.append(connect)
    return response


async def test_the_gateway_may_be_named_after_the_stand_in_was_started(gateway: Gateway) -> None:
    gateway.answer("/voice", VoiceResponse())
    async with TwilioStandIn(auth_token="t") as twilio:
        assert httpx.URL(twilio.api_url).host == "127.0.0.1"
        twilio.voice_url, twilio.voice_method = f"{gateway.url}/voice", "GET"
        line = await twilio.ring(CALLER, NUMBER)
        await line.until_ended()

    assert gateway.asked[0].method == "GET"
    assert f"CallSid={line.sid}" in gateway.asked[0].query


async def test_behind_a_proxy_everything_is_signed_for_the_public_url(
    make_twilio: MakeTwilio, gateway: Gateway
) -> None:
    response = VoiceResponse()
    response.redirect("/next")
    gateway.answer("/voice", response)
    gateway.answer("/next", VoiceResponse())
    gateway.answer("/status", "")
    twilio = await make_twilio(
        voice_url="https://gw.example/voice",
        status_callback="https://gw.example/status",
        public_url="https://gw.example",
        connect_to=gateway.url,
    )
    line = await twilio.ring(CALLER, NUMBER)
    await line.until_ended()
    await line.callbacks_sent()

    assert [asked.path for asked in gateway.asked] == ["/voice", "/next", "/status"]
    for asked in gateway.asked:
        signature = asked.headers["x-twilio-signature"]
        assert RequestValidator("testtoken123").validate(f"https://gw.example{asked.path}", asked.form, signature)
        assert asked.headers["host"] == "gw.example"


async def test_many_lines_at_once_do_not_disturb_each_other(twilio: TwilioStandIn, gateway: Gateway) -> None:
    gateway.answer("/voice", streaming(gateway))
    lines = [await twilio.ring(f"+1555000{number:04}", NUMBER) for number in range(10)]
    peers = {}
    for _ in lines:
        peer = await gateway.stream()
        peers[peer.messages[1]["start"]["callSid"]] = peer

    lines[0].drop()
    lines[1].hang_up()
    await peers[lines[2].sid].connection.send("rubbish")
    for line in lines[3:]:
        line.say(b"\x01" * 320)
        await peers[line.sid].mark("still there")
    await asyncio.gather(*(peers[line.sid].until("mark") for line in lines[3:]))
    await asyncio.gather(*(line.spoken() for line in lines[3:]))

    assert [line.sid for line in twilio.lines] == [line.sid for line in lines]
    assert twilio.find(lines[5].sid) is lines[5]
    assert all(line.status is Status.IN_PROGRESS and line.debugger.codes == () for line in lines[3:])


async def test_to_close_the_stand_in_is_to_hang_up_everywhere(gateway: Gateway) -> None:
    gateway.answer("/voice", streaming(gateway))
    gateway.answer("/status", "")
    async with TwilioStandIn(
        auth_token="t", voice_url=f"{gateway.url}/voice", status_callback=f"{gateway.url}/status"
    ) as twilio:
        line = await twilio.ring(CALLER, NUMBER)
        peer = await gateway.stream()

    assert line.status is Status.COMPLETED
    assert peer.messages[-1]["event"] == "stop"
    assert [asked.form["CallStatus"] for asked in gateway.asked_for("/status")] == ["completed"]


async def test_to_close_a_line_waits_for_its_callbacks_only_so_long(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    gateway.answer("/voice", VoiceResponse())
    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        twilio = await make_twilio(status_callback=f"http://127.0.0.1:{port}/status")
        line = await twilio.ring(CALLER, NUMBER)
        await line.until_ended()

        await line.close(timeout_s=0.1)

    assert line.callback_log == []


async def test_old_lines_are_forgotten_and_live_ones_are_not(
    twilio: TwilioStandIn, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standin, "LINES_KEPT", 2)
    gateway.answer("/voice", streaming(gateway), VoiceResponse())
    live = await twilio.ring(CALLER, NUMBER)
    await gateway.stream()
    for _ in range(3):
        line = await twilio.ring(CALLER, NUMBER)
        await line.until_ended()

    assert twilio.lines == [live, line]


async def test_a_taken_port_is_an_error(twilio: TwilioStandIn) -> None:
    port = httpx.URL(twilio.api_url).port
    assert port is not None
    with pytest.raises(OSError, match="in use"):
        async with TwilioStandIn(port=port):
            pass


async def test_a_callee_may_decline_once_it_rings(make_twilio: MakeTwilio) -> None:
    # Before, in the queue, there is nothing to decline.
    twilio = await make_twilio(ring_s=30, on_outbound=lambda line: line.hang_up())
    async with httpx.AsyncClient(auth=(twilio.account_sid, twilio.auth_token)) as http:
        await http.post(
            f"{twilio.api_url}/2010-04-01/Accounts/{twilio.account_sid}/Calls.json",
            data={"To": CALLER, "From": NUMBER, "Twiml": "<Response/>"},
        )
    [line] = twilio.lines
    await line.until_ringing()

    line.hang_up()

    assert line.status is Status.BUSY
