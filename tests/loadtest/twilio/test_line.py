from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, Dial, VoiceResponse

from offhook.audio.g711 import pcmu_to_pcm16
from offhook.audio.wav import compose_wav
from offhook.loadtest.twilio import AfterStream, LineEndedError, Outcome, Status, TwilioStandIn
from offhook.loadtest.twilio.callbacks import EVENTS
from offhook.loadtest.twilio.debugger import (
    CONTENT_TYPE,
    DOCUMENT_PARSE,
    HTTP_CONNECTION,
    HTTP_RETRIEVAL,
    OWN_LIMIT,
    SCHEMA,
    STREAM_HANDSHAKE,
)

if TYPE_CHECKING:
    from tests.loadtest.twilio.conftest import Gateway, MakeTwilio

    from offhook.loadtest.twilio import Line

CALLER, NUMBER = "+15550001111", "+15550002222"


def streaming(gateway: Gateway, action: str | None = None) -> VoiceResponse:
    response = VoiceResponse()
    connect = Connect(action=action) if action else Connect()
    connect.stream(url=gateway.stream_url)
    response.append(connect)
    return response


def saying(*sentences: str) -> VoiceResponse:
    response = VoiceResponse()
    for sentence in sentences:
        response.say(sentence)
    return response


async def run(twilio: TwilioStandIn) -> Line:
    line = await twilio.ring(CALLER, NUMBER)
    await line.until_ended()
    return line


async def test_the_webhook_says_who_calls_whom_and_is_signed(twilio: TwilioStandIn, gateway: Gateway) -> None:
    gateway.answer("/voice", VoiceResponse())
    line = await twilio.ring(CALLER, NUMBER, extra={"ForwardedFrom": "+15550009999"})
    assert line.status is Status.RINGING
    await line.until_ended()

    [asked] = gateway.asked
    assert asked.form["CallSid"] == line.sid
    assert asked.form["CallStatus"] == "ringing"
    assert asked.form["Direction"] == "inbound"
    assert (asked.form["From"], asked.form["Caller"]) == (CALLER, CALLER)
    assert (asked.form["To"], asked.form["Called"]) == (NUMBER, NUMBER)
    assert asked.form["ForwardedFrom"] == "+15550009999"
    assert asked.form["FromCity"] == ""
    signature = asked.headers["x-twilio-signature"]
    assert RequestValidator("testtoken123").validate(f"{gateway.url}/voice", asked.form, signature)


async def test_a_document_without_verbs_is_answered_and_over(twilio: TwilioStandIn, gateway: Gateway) -> None:
    gateway.answer("/voice", VoiceResponse())
    line = await run(twilio)

    assert line.status is Status.COMPLETED
    assert line.answered


async def test_verbs_are_run_in_order_until_they_run_out(twilio: TwilioStandIn, gateway: Gateway) -> None:
    response = saying("Hello", "Good bye")
    response.play(digits="1")
    response.pause(length=0)
    gateway.answer("/voice", response)
    line = await run(twilio)

    assert line.verbs == ["Say", "Say", "Play", "Pause"]
    assert line.sentences == ["Hello", "Good bye"]
    assert line.status is Status.COMPLETED


async def test_after_a_hangup_nothing_is_run(twilio: TwilioStandIn, gateway: Gateway) -> None:
    response = saying("Bye")
    response.hangup()
    response.say("Anyone there?")
    gateway.answer("/voice", response)
    line = await run(twilio)

    assert line.verbs == ["Say", "Hangup"]


@pytest.mark.parametrize(
    ("reason", "status"), [("busy", Status.BUSY), ("rejected", Status.NO_ANSWER), (None, Status.NO_ANSWER)]
)
async def test_a_rejected_call_is_never_answered(
    twilio: TwilioStandIn, gateway: Gateway, reason: str | None, status: Status
) -> None:
    response = VoiceResponse()
    response.reject(reason=reason)
    response.say("unreachable")
    gateway.answer("/voice", response)
    line = await run(twilio)

    assert line.status is status
    assert not line.answered
    assert line.verbs == ["Reject"]
    assert line.stereo() == (b"", b"")
    with pytest.raises(LineEndedError, match=str(status)):
        await line.until_answered()


async def test_to_reject_after_answering_is_to_hang_up(twilio: TwilioStandIn, gateway: Gateway) -> None:
    response = saying("Hello")
    response.reject()
    gateway.answer("/voice", response)

    assert (await run(twilio)).status is Status.COMPLETED


async def test_a_pause_before_anything_else_delays_the_answer(twilio: TwilioStandIn, gateway: Gateway) -> None:
    response = VoiceResponse()
    response.pause(length=30)
    response.say("Hello")
    gateway.answer("/voice", response)
    line = await twilio.ring(CALLER, NUMBER)
    with pytest.raises(TimeoutError):
        await line.until_answered(timeout_s=0.2)

    line.hang_up()

    assert line.status is Status.NO_ANSWER
    assert line.verbs == ["Pause"]


async def test_a_redirect_takes_over_with_its_method_relative_to_the_document(
    twilio: TwilioStandIn, gateway: Gateway
) -> None:
    twilio.voice_url = f"{gateway.url}/twilio/voice"
    response = VoiceResponse()
    response.redirect("next?step=2", method="GET")
    response.say("unreachable")
    gateway.answer("/twilio/voice", response)
    gateway.answer("/twilio/next", saying("There"))
    line = await run(twilio)

    asked = gateway.asked[1]
    assert (asked.method, asked.path) == ("GET", "/twilio/next")
    assert asked.query.startswith("step=2&")
    assert "CallStatus=in-progress" in asked.query
    assert line.verbs == ["Redirect", "Say"]
    assert [document.status for document in line.document_log] == [200, 200]
    assert line.document_log[1].url == f"{gateway.url}/twilio/next?step=2"


async def test_an_endless_redirect_ends_the_call(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    response = VoiceResponse()
    response.redirect("/voice")
    gateway.answer("/voice", response)
    twilio = await make_twilio(fallback_url=f"{gateway.url}/fallback", documents_per_call=20)
    line = await run(twilio)

    assert len(gateway.asked) == 20
    assert line.debugger.codes == (OWN_LIMIT,)
    assert line.status is Status.COMPLETED


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("<Response>", "text/xml", 200, DOCUMENT_PARSE),
        ("<Response><Gather/></Response>", "text/xml", 200, SCHEMA),
        ("<Response/>", "text/plain", 200, CONTENT_TYPE),
        ("", "application/json", 200, CONTENT_TYPE),
        ("oops", "text/xml", 500, HTTP_RETRIEVAL),
    ],
)
async def test_what_cannot_be_run_is_an_error_and_the_fallback_takes_the_call(
    make_twilio: MakeTwilio, gateway: Gateway, body: str, kind: str, status: int, code: int
) -> None:
    gateway.answer("/voice", body, media_type=kind, status=status)
    gateway.answer("/fallback", saying("Sorry"))
    twilio = await make_twilio(fallback_url=f"{gateway.url}/fallback")
    line = await run(twilio)

    assert line.debugger.codes == (code,)
    assert line.sentences == ["Sorry"]
    form = gateway.asked_for("/fallback")[0].form
    assert form["ErrorCode"] == str(code)
    assert form["ErrorUrl"] == f"{gateway.url}/voice"
    assert form["CallSid"] == line.sid


async def test_without_a_fallback_the_call_ends(twilio: TwilioStandIn, gateway: Gateway) -> None:
    gateway.answer("/voice", "<Response>")
    line = await run(twilio)

    assert line.debugger.codes == (DOCUMENT_PARSE,)
    assert (line.status, line.sentences) == (Status.COMPLETED, [])


async def test_a_broken_fallback_ends_the_call_too(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    twilio = await make_twilio(fallback_url="http://127.0.0.1:9/fallback")
    line = await run(twilio)

    assert line.debugger.codes == (HTTP_RETRIEVAL, HTTP_CONNECTION)
    assert line.status is Status.COMPLETED


async def test_when_the_server_closes_the_stream_the_action_decides(twilio: TwilioStandIn, gateway: Gateway) -> None:
    response = streaming(gateway, action="/after?call=1")
    response.say("unreachable")
    gateway.answer("/voice", response)
    hangup = saying("Good bye")
    hangup.hangup()
    gateway.answer("/after", hangup)
    line = await twilio.ring(CALLER, NUMBER)
    peer = await gateway.stream()
    assert line.status is Status.IN_PROGRESS

    await peer.connection.close()
    await line.until_ended()

    assert line.verbs == ["Connect", "Say", "Hangup"]
    assert line.sentences == ["Good bye"]
    [asked] = gateway.asked_for("/after")
    assert (asked.method, asked.query, asked.form["CallStatus"]) == ("POST", "call=1", "in-progress")
    assert asked.form["CallSid"] == line.sid


async def test_without_an_action_the_next_verb_runs(twilio: TwilioStandIn, gateway: Gateway) -> None:
    response = streaming(gateway)
    response.redirect("/resume")
    gateway.answer("/voice", response)
    gateway.answer("/resume", saying("Hello again"))
    line = await twilio.ring(CALLER, NUMBER)
    await (await gateway.stream()).connection.close()
    await line.until_ended()

    assert line.verbs == ["Connect", "Redirect", "Say"]


async def test_without_either_the_call_is_over(twilio: TwilioStandIn, gateway: Gateway) -> None:
    gateway.answer("/voice", streaming(gateway))
    line = await twilio.ring(CALLER, NUMBER)
    await (await gateway.stream()).connection.close()

    assert await line.until_ended() is Status.COMPLETED


@pytest.mark.parametrize(
    ("after", "verbs"),
    [
        (AfterStream.ACTION, ["Connect", "Connect"]),
        (AfterStream.NEXT_VERB, ["Connect", "Redirect", "Say"]),
        (AfterStream.NOTHING, ["Connect"]),
    ],
)
async def test_what_follows_a_loss_is_a_knob(
    make_twilio: MakeTwilio, gateway: Gateway, after: AfterStream, verbs: list[str]
) -> None:
    response = streaming(gateway, action="/action")
    response.redirect("/next")
    gateway.answer("/voice", response)
    gateway.answer("/action", streaming(gateway))
    gateway.answer("/next", saying("Hello"))
    twilio = await make_twilio(after_loss=after)
    line = await twilio.ring(CALLER, NUMBER)
    (await gateway.stream()).connection.transport.abort()
    if after is AfterStream.ACTION:
        second = await line.until_streaming(nth=2)
        assert second.sid != line.streams[0].sid
    elif after is AfterStream.NEXT_VERB:
        await line.until_ended()
    else:
        with pytest.raises(TimeoutError):
            await line.until_ended(timeout_s=0.3)

    assert line.verbs == verbs


async def test_a_loss_can_be_silent(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    response = VoiceResponse()
    connect = Connect()
    connect.stream(url=gateway.stream_url, status_callback="/stream-status")
    response.append(connect)
    gateway.answer("/voice", response)
    gateway.answer("/stream-status", "")
    twilio = await make_twilio(after_loss=AfterStream.NOTHING, stream_error_callbacks=False)
    line = await twilio.ring(CALLER, NUMBER)
    stream = await line.until_streaming()
    line.drop()
    await stream.ended

    told = await line.callbacks_sent()
    assert [one.form["StreamEvent"] for one in told] == ["stream-started"]
    assert line.status is Status.IN_PROGRESS


async def test_after_a_refused_stream_the_next_verb_runs(twilio: TwilioStandIn, gateway: Gateway) -> None:
    gateway.refuse_streams = True
    response = streaming(gateway, action="/action")
    response.say("Sorry")
    gateway.answer("/voice", response)
    line = await run(twilio)

    assert line.sentences == ["Sorry"]
    assert line.debugger.codes == (STREAM_HANDSHAKE,)


async def test_when_the_caller_hangs_up_no_more_twiml_runs(twilio: TwilioStandIn, gateway: Gateway) -> None:
    response = streaming(gateway, action="/after")
    response.say("unreachable")
    gateway.answer("/voice", response)
    line = await twilio.ring(CALLER, NUMBER)
    peer = await gateway.stream()

    line.hang_up()
    async with asyncio.timeout(5):
        await peer.closed.wait()

    assert await line.until_ended() is Status.COMPLETED
    assert line.verbs == ["Connect"]
    assert gateway.asked_for("/after") == []
    line.hang_up()  # twice is once
    assert line.status is Status.COMPLETED


async def test_the_caller_speaks_on_while_no_stream_is_open(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    twilio = await make_twilio(after_loss=AfterStream.NOTHING)
    gateway.answer("/voice", streaming(gateway))
    line = await twilio.ring(CALLER, NUMBER)
    stream = await line.until_streaming()
    line.say(b"\x01" * 4000)
    line.drop()
    await stream.ended
    await line.spoken()

    assert stream.chunks_sent < 25
    assert line.stereo()[0].count(0x01) == 4000


async def test_waiting_for_what_cannot_come_any_more_is_an_error(twilio: TwilioStandIn, gateway: Gateway) -> None:
    gateway.answer("/voice", saying("Bye"))
    line = await twilio.ring(CALLER, NUMBER)
    line.say(b"\x01")
    with pytest.raises(LineEndedError):
        await line.until_streaming()
    with pytest.raises(LineEndedError):
        await line.spoken()


async def test_a_sentence_takes_its_time_if_it_is_to(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    gateway.answer("/voice", saying("a long sentence " * 20))
    twilio = await make_twilio(say_chars_per_s=15)
    line = await twilio.ring(CALLER, NUMBER)
    await line.until_answered()

    with pytest.raises(TimeoutError):
        await line.until_ended(timeout_s=0.3)

    assert line.verbs == ["Say"]


async def test_a_played_file_is_heard(twilio: TwilioStandIn, gateway: Gateway) -> None:
    sound = b"\x10" * 1600
    wav = compose_wav(8000, pcmu_to_pcm16(sound))
    response = VoiceResponse()
    response.play("/prompt.wav")
    response.play("/missing.wav")
    response.say("Done")
    gateway.answer("/voice", response)
    gateway.answer_bytes("/prompt.wav", wav)
    line = await run(twilio)

    assert line.heard().count(0x10) == 1600
    assert line.sentences == ["Done"]
    assert line.debugger.codes == (HTTP_RETRIEVAL,)


async def test_a_transfer_lasts_until_somebody_hangs_up(twilio: TwilioStandIn, gateway: Gateway) -> None:
    response = VoiceResponse()
    dial = Dial(action="/dialled", caller_id=NUMBER)
    dial.number("+15550003333")
    response.append(dial)
    gateway.answer("/voice", response)
    gateway.answer("/dialled", saying("Back again"))
    line = await twilio.ring(CALLER, NUMBER)
    await line.until_answered()
    with pytest.raises(TimeoutError):
        await line.until_ended(timeout_s=0.1)
    assert line.transferred_to is not None
    assert line.transferred_to.number == "+15550003333"

    line.far_party_hangs_up()
    await line.until_ended()

    form = gateway.asked_for("/dialled")[0].form
    assert form["DialCallStatus"] == "completed"
    assert form["DialCallSid"].startswith("CA")
    assert line.sentences == ["Back again"]


async def test_a_transfer_that_fails_goes_on_with_the_next_verb(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    response = VoiceResponse()
    response.dial("+15550003333")
    response.say("Nobody is there")
    gateway.answer("/voice", response)
    twilio = await make_twilio(dial_outcome=Outcome.BUSY)
    line = await run(twilio)

    assert line.verbs == ["Dial", "Say"]
    assert line.transferred_to is None


async def test_the_numbers_status_callback_tells_the_end(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    gateway.answer("/voice", saying("Bye"))
    gateway.answer("/status", "")
    twilio = await make_twilio(status_callback=f"{gateway.url}/status")
    line = await run(twilio)
    await line.callbacks_sent()

    [asked] = gateway.asked_for("/status")
    assert asked.form["CallStatus"] == "completed"
    assert asked.form["SequenceNumber"] == "0"
    assert RequestValidator("testtoken123").validate(
        f"{gateway.url}/status", asked.form, asked.headers["x-twilio-signature"]
    )


async def test_all_status_callbacks_come_in_order(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    response = VoiceResponse()
    connect = Connect()
    connect.stream(url=gateway.stream_url, status_callback="/stream-status", name="leg")
    response.append(connect)
    gateway.answer("/voice", response)
    gateway.answer("/status", "")
    gateway.answer("/stream-status", "")
    twilio = await make_twilio(status_callback=f"{gateway.url}/status", status_callback_events=EVENTS)
    line = await twilio.ring(CALLER, NUMBER)
    await line.until_streaming()
    line.hang_up()
    told = await line.callbacks_sent()

    events = [one.form.get("StreamEvent") or one.form["CallStatus"] for one in told]
    assert events == ["in-progress", "stream-started", "stream-stopped", "completed"]
    assert [one.status for one in told] == [200] * 4
    assert told[1].form["StreamName"] == "leg"


async def test_a_callback_that_nobody_takes_is_noted(make_twilio: MakeTwilio, gateway: Gateway) -> None:
    gateway.answer("/voice", saying("Bye"))
    twilio = await make_twilio(status_callback="http://127.0.0.1:9/status")
    line = await run(twilio)

    assert [one.status for one in await line.callbacks_sent()] == [None]
    assert line.debugger.codes == (HTTP_CONNECTION,)
