"""What Twilio asks, asked over HTTP with signatures of Twilio's own package."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.by_hand import SIGNATURE, Hand, by_hand, call_id, new_call_sid, ringing, sign, stream_url, verbs
from tests.carriers.twilio.office import office
from tests.gateway import BEARER, CALLER, DIALLED, RunningGateway, network, running_gateway
from tests.waiting import eventually

from offhook.agents.agent import Agent
from offhook.door.webhooks import TRANSFER_FAILED
from offhook.loadtest.twilio import Status
from offhook.telemetry import health

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[RunningGateway]:
    # An engine that cannot be reached is tried for so long that no call of these tests ends for want of it.
    async with running_gateway(engine_connect_seconds=60, max_calls_per_worker=500) as gateway:
        yield gateway


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def twilio(running: RunningGateway) -> AsyncIterator[Hand]:
    async with by_hand(running) as hand:
        yield hand


async def shown(running: RunningGateway, call: str) -> dict[str, Any]:
    async with running.http() as http:
        answer = await http.get(f"/api/calls/{call}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


# ---- a call that rings ---------------------------------------------------------------------------------------------


async def test_a_call_that_rings_is_told_where_to_stream(running: RunningGateway, twilio: Hand) -> None:
    fields = ringing()
    answer = await twilio.post("/twilio/voice", fields)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert verbs(answer.text) == ["Connect", "Redirect"]
    assert stream_url(answer.text).startswith(f"ws://{running.authority}/ws/media/w0/call_")
    call = await shown(running, call_id(answer.text))
    assert (call["state"], call["direction"], call["carrier_call_id"]) == ("ringing", "inbound", fields["CallSid"])
    assert (call["caller"], call["dialled"]) == (fields["From"], fields["To"])


async def test_it_may_ask_by_get(running: RunningGateway, twilio: Hand) -> None:
    fields = ringing()
    answer = await twilio.get(f"/twilio/voice?{httpx.QueryParams(fields)}")

    assert answer.status_code == 200
    assert (await shown(running, call_id(answer.text)))["carrier_call_id"] == fields["CallSid"]


async def test_a_webhook_that_comes_twice_is_one_call(running: RunningGateway, twilio: Hand) -> None:
    sid = new_call_sid()
    first, second = await twilio.ring(sid), await twilio.ring(sid)

    assert first.call_id == second.call_id
    assert first.token.split(".")[0] == second.token.split(".")[0]  # and one stream: whichever is opened first


@pytest.mark.parametrize("path", ["/twilio/voice", "/twilio/resume", "/twilio/status", "/twilio/transferred"])
@pytest.mark.parametrize("signature", ["", "x" * 28, sign("https://elsewhere.example/twilio/voice")])
async def test_what_twilio_has_not_signed_is_refused(
    running: RunningGateway, twilio: Hand, path: str, signature: str
) -> None:
    before = len(running.calls)
    answer = await twilio.post(path, ringing(), signature=signature)

    assert answer.status_code == 403
    assert len(running.calls) == before


async def test_a_signature_over_other_fields_is_refused(twilio: Hand) -> None:
    fields = ringing()
    signature = sign(twilio.running.url + "/twilio/voice", fields)

    assert (await twilio.post("/twilio/voice", fields | {"From": "+1900"}, signature=signature)).status_code == 403
    assert (await twilio.post("/twilio/voice", fields | {"More": ""}, signature=signature)).status_code == 403
    assert (await twilio.post("/twilio/voice?call=call_1", fields, signature=signature)).status_code == 403
    assert (await twilio.get(f"/twilio/voice?{httpx.QueryParams(fields)}", signature=signature)).status_code == 403


async def test_unknown_fields_are_normal_and_those_of_use_are_shown(running: RunningGateway, twilio: Hand) -> None:
    fields = ringing() | {"StirVerstat": "TN-Validation-Passed-A", "Größe": "Zürich ☎", "SipHeader_X-Order": "17"}
    answer = await twilio.post("/twilio/voice", fields)

    assert answer.status_code == 200
    assert (await shown(running, call_id(answer.text)))["metadata"] == {
        "StirVerstat": "TN-Validation-Passed-A",
        "SipHeader_X-Order": "17",
    }


@pytest.mark.parametrize(
    "fields",
    [{}, {"CallSid": ""}, {"CallSid": "CA 1"}, {"CallSid": "CA1", "From": "x" * 1000}, {"CallSid": "../../etc/passwd"}],
)
async def test_a_signed_request_without_a_call_is_no_call(
    running: RunningGateway, twilio: Hand, fields: dict[str, str]
) -> None:
    before = len(running.calls)

    assert (await twilio.post("/twilio/voice", fields)).status_code == 400
    assert (await twilio.post("/twilio/resume?call=call_1", fields)).status_code == 400
    assert len(running.calls) == before


async def test_strange_bodies_and_hosts_are_refused_and_break_nothing(twilio: Hand) -> None:
    http = twilio.http
    strange = [
        await http.post("/twilio/voice", content=b"\xff\xfe%zz=%", headers={SIGNATURE: "x"}),
        await http.post("/twilio/voice", json={"CallSid": "CA1"}, headers={SIGNATURE: "x"}),
        await http.post("/twilio/voice", files={"CallSid": b"CA1"}, headers={SIGNATURE: "x"}),
        await http.post("/twilio/voice", data=ringing(), headers={SIGNATURE: "x", "Host": "[::1"}),
        await http.post("/twilio/voice", data=ringing(), headers={SIGNATURE: "x", "Host": "h:99999"}),
        await http.post("/twilio/voice", data={str(n): "" for n in range(3000)}, headers={SIGNATURE: "x"}),
        await http.put("/twilio/voice", headers={SIGNATURE: "x"}),
        await http.get("/twilio/nowhere", headers={SIGNATURE: "x"}),
    ]

    assert {answer.status_code for answer in strange} <= {400, 403, 404, 405}
    assert (await http.get("/healthz")).status_code == 200


# ---- what comes after a stream -------------------------------------------------------------------------------------


async def test_who_asks_again_is_given_the_same_stream_until_it_is_used(twilio: Hand) -> None:
    ringing_call = await twilio.ring()
    resume = f"/twilio/resume?call={ringing_call.call_id}"
    fields = ringing(ringing_call.call_sid, CallStatus="in-progress")
    again = [stream_url((await twilio.post(resume, fields)).text) for _ in range(2)]

    assert {url.split("/")[-1].split(".")[0] for url in [*again, ringing_call.url]} == {"1"}


async def test_more_than_five_resumes_a_minute_end_in_an_apology(running: RunningGateway, twilio: Hand) -> None:
    ringing_call = await twilio.ring()
    resume = f"/twilio/resume?call={ringing_call.call_id}"
    fields = ringing(ringing_call.call_sid, CallStatus="in-progress")
    answers = [await twilio.post(resume, fields) for _ in range(7)]

    assert [verbs(answer.text) for answer in answers] == [["Connect", "Redirect"]] * 5 + [["Say", "Hangup"]] * 2
    assert Agent().apology in answers[-1].text
    assert (await shown(running, ringing_call.call_id))["end_reason"] == "line_lost"


async def test_a_call_whose_process_is_gone_is_told_a_sentence_and_hung_up(twilio: Hand) -> None:
    for path in ("/twilio/resume?call=call_none", "/twilio/resume"):
        answer = await twilio.post(path, ringing(CallStatus="in-progress"))
        assert answer.status_code == 200
        assert verbs(answer.text) == ["Say", "Hangup"]

    ended = await twilio.post("/twilio/resume?call=call_none", ringing(CallStatus="completed"))
    assert verbs(ended.text) == ["Hangup"]


async def test_an_outbound_call_that_nobody_knows_is_hung_up(twilio: Hand) -> None:
    answer = await twilio.post("/twilio/voice?call=call_none", ringing(CallStatus="in-progress"))

    assert (answer.status_code, verbs(answer.text)) == (200, ["Hangup"])


async def test_a_call_that_the_carrier_has_ended_is_not_given_a_stream(running: RunningGateway, twilio: Hand) -> None:
    ringing_call = await twilio.ring()
    answer = await twilio.post(
        f"/twilio/resume?call={ringing_call.call_id}", ringing(ringing_call.call_sid, CallStatus="completed")
    )

    assert verbs(answer.text) == ["Hangup"]
    assert (await shown(running, ringing_call.call_id))["state"] == "ended"


async def test_a_call_that_is_to_end_is_told_to(running: RunningGateway, twilio: Hand) -> None:
    ringing_call = await twilio.ring()
    async with running.http() as http:
        await http.delete(f"/api/calls/{ringing_call.call_id}")
    answer = await twilio.post(
        f"/twilio/resume?call={ringing_call.call_id}", ringing(ringing_call.call_sid, CallStatus="in-progress")
    )

    assert verbs(answer.text) == ["Hangup"]
    assert (await shown(running, ringing_call.call_id))["end_reason"] == "operator_hung_up"


@pytest.mark.parametrize(
    ("dial_status", "said"), [("completed", None), ("answered", None), ("busy", TRANSFER_FAILED), ("", TRANSFER_FAILED)]
)
async def test_after_a_transfer_the_caller_is_hung_up_or_told_that_nobody_was_there(
    twilio: Hand, dial_status: str, said: str | None
) -> None:
    answer = await twilio.post("/twilio/transferred?call=call_1", ringing(DialCallStatus=dial_status))

    assert verbs(answer.text) == (["Say", "Hangup"] if said else ["Hangup"])
    assert said is None or said in answer.text


# ---- where a call stands -------------------------------------------------------------------------------------------


def status(call_sid: str, word: str, sequence: int | str) -> dict[str, str]:
    return {"CallSid": call_sid, "CallStatus": word, "SequenceNumber": str(sequence)}


async def test_status_callbacks_are_taken_in_their_own_order(running: RunningGateway, twilio: Hand) -> None:
    ringing_call = await twilio.ring()
    for word, sequence in (("in-progress", 2), ("ringing", 1), ("initiated", 0)):
        answer = await twilio.post("/twilio/status", status(ringing_call.call_sid, word, sequence))
        assert answer.status_code == 204

    call = await shown(running, ringing_call.call_id)
    assert (call["carrier_status"], call["state"]) == ("in-progress", "ringing")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("completed", "caller_hung_up"),
        ("canceled", "caller_hung_up"),
        ("busy", "not_answered"),
        ("no-answer", "not_answered"),
        ("failed", "not_answered"),
    ],
)
async def test_the_last_word_of_the_carrier_ends_the_call(
    running: RunningGateway, twilio: Hand, word: str, reason: str
) -> None:
    ringing_call = await twilio.ring()
    await twilio.post("/twilio/status", status(ringing_call.call_sid, word, 3))
    await twilio.post("/twilio/status", status(ringing_call.call_sid, "ringing", 1))
    await twilio.post("/twilio/status", status(ringing_call.call_sid, word, 3))

    call = await shown(running, ringing_call.call_id)
    assert (call["state"], call["end_reason"], call["carrier_status"]) == ("ended", reason, word)


async def test_a_callback_of_the_number_itself_has_no_sequence(running: RunningGateway, twilio: Hand) -> None:
    ringing_call = await twilio.ring()
    await twilio.post("/twilio/status", {"CallSid": ringing_call.call_sid, "CallStatus": "completed"})

    assert (await shown(running, ringing_call.call_id))["state"] == "ended"


async def test_a_call_that_nobody_knows_is_no_fault_of_the_callback(twilio: Hand) -> None:
    for path in ("/twilio/status", "/twilio/status?call=call_none", "/twilio/status?call="):
        assert (await twilio.post(path, status(new_call_sid(), "completed", 0))).status_code == 204


@pytest.mark.parametrize("fields", [{}, {"CallSid": "CA1"}, {"CallSid": "CA1", "CallStatus": "asleep"}])
async def test_a_callback_of_rubbish_is_refused(twilio: Hand, fields: dict[str, str]) -> None:
    assert (await twilio.post("/twilio/status", fields)).status_code == 400


async def test_a_callback_may_come_before_twilio_has_answered_the_order_to_call() -> None:
    async with (
        office(None) as desk,
        running_gateway(public=True, twilio_api_url=desk.url, dial_allow="*", twilio_number=DIALLED) as running,
        running.http() as http,
        by_hand(running) as twilio,
    ):
        call = (await http.post("/api/calls", json={"to": "+15550007777"})).json()["id"]
        await eventually(lambda: desk.requests)
        [callback] = desk.forms[0]["StatusCallback"]
        await twilio.post(callback.removeprefix(running.url), status(new_call_sid(), "busy", 2))

        assert (await shown(running, call))["end_reason"] == "not_answered"


async def test_a_callback_of_one_call_does_not_end_another(running: RunningGateway, twilio: Hand) -> None:
    ringing_call = await twilio.ring()
    await twilio.post(f"/twilio/status?call={ringing_call.call_id}", status(new_call_sid(), "completed", 9))

    assert (await shown(running, ringing_call.call_id))["state"] == "ringing"


# ---- full ----------------------------------------------------------------------------------------------------------


async def test_a_full_gateway_answers_with_the_document_it_was_given(tmp_path: Path) -> None:
    document = tmp_path / "busy.xml"
    document.write_text("<Response><Say>All lines are busy.</Say><Dial>+15550009999</Dial></Response>")
    async with network(max_calls_per_worker=1, busy_twiml=str(document)) as net:
        bystander = await net.connected()
        refused = await net.ring()
        await eventually(lambda: refused.verbs == ["Say", "Dial"])

        assert len(net.running.calls) == 1
        assert net.of(bystander).state == "talking"


def work(seconds: float) -> None:
    """So much processor time, on the loop's thread."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


async def test_an_overloaded_gateway_takes_nobody_until_it_keeps_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "SECOND_S", 0.1)
    async with network(public=True, dial_allow="*", twilio_number=DIALLED, overload_lag_ms=40) as net:
        bystander = await net.connected()
        board = net.running.gateway.switchboard
        for _ in range(100):
            work(0.06)  # somebody's step takes too long, again and again
            await asyncio.sleep(0.001)
            if board.obstacle is not None:
                break
        assert board.obstacle == "overloaded"
        ready = await net.http.get("/readyz")
        refused = await net.ring()
        placed = await net.http.post("/api/calls", json={"to": CALLER})
        assert (ready.status_code, ready.json()) == (200, {"status": "overloaded"})
        assert (placed.status_code, placed.headers["retry-after"]) == (429, "5")
        await refused.until_ended()
        assert refused.verbs == ["Reject"]

        await eventually(lambda: board.obstacle is None)
        line = await net.connected()
        await eventually(lambda: [net.of(each).state for each in (bystander, line)] == ["talking"] * 2)


async def test_a_full_gateway_says_no_before_answering() -> None:
    async with network(max_calls_per_worker=1) as net:
        line = await net.connected()
        refused = await net.ring("+15550009999")

        assert await refused.until_ended() is Status.BUSY
        assert refused.verbs == ["Reject"]
        assert not refused.answered
        line.hang_up()
        await net.ended(line)
        again = await net.connected("+15550009999")
        again.hang_up()


async def test_a_gateway_that_stops_takes_no_new_calls_but_still_answers() -> None:
    async with running_gateway(drain_seconds=30) as running, by_hand(running) as twilio:
        known = await twilio.ring()
        running.server.stop()
        await eventually(lambda: running.gateway.switchboard.closed)
        refused = await twilio.post("/twilio/voice", ringing())
        resumed = await twilio.post(
            f"/twilio/resume?call={known.call_id}", ringing(known.call_sid, CallStatus="in-progress")
        )

        assert verbs(refused.text) == ["Reject"]
        assert verbs(resumed.text) == ["Connect", "Redirect"]


# ---- behind proxies ------------------------------------------------------------------------------------------------


async def test_behind_a_public_url_twilio_signs_that_and_is_told_that() -> None:
    async with running_gateway(public_url="https://voice.example.com") as running, by_hand(running) as twilio:
        fields = ringing()
        answer = await twilio.post(
            "/twilio/voice", fields, signature=sign("https://voice.example.com/twilio/voice", fields)
        )
        assert stream_url(answer.text).startswith("wss://voice.example.com/ws/media/")
        assert "https://voice.example.com/twilio/resume?call=" in answer.text

        assert (await twilio.post("/twilio/voice", ringing())).status_code == 403  # signed over the inner address


async def test_a_proxy_that_says_what_was_asked_for_is_believed(twilio: Hand) -> None:
    fields = ringing()
    answer = await twilio.http.post(
        "/twilio/voice",
        data=fields,
        headers={
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "voice.example.com",
            SIGNATURE: sign("https://voice.example.com/twilio/voice", fields),
        },
    )

    assert stream_url(answer.text).startswith("wss://voice.example.com/ws/media/")


async def test_but_it_cannot_vouch_for_a_request_that_is_not_signed(twilio: Hand) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "voice.example.com", "X-Forwarded-For": "127.0.0.1"}

    assert (await twilio.http.post("/twilio/voice", data=ringing(), headers=headers)).status_code == 403


# ---- without a token: this machine alone ---------------------------------------------------------------------------

OPEN: dict[str, Any] = {"twilio_auth_token": None, "twilio_account_sid": None, "api_token": None}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_without_a_token_this_machine_is_let_in_unsigned(host: str) -> None:
    async with running_gateway(host=host, **OPEN) as running, running.http(headers={}) as http:
        answer = await http.post("/twilio/voice", data=ringing())

        assert answer.status_code == 200
        assert stream_url(answer.text).startswith(f"ws://{running.authority}/ws/media/")
        assert (await http.get("/api/calls")).json()["total"] == 1


async def test_without_a_token_nobody_else_is() -> None:
    async with running_gateway(**OPEN) as running, running.http(headers={}) as http:
        for headers in (
            {"X-Forwarded-For": "127.0.0.1"},
            {"Forwarded": "for=127.0.0.1"},
            {"Via": "1.1 proxy"},
            {"CF-Connecting-IP": "127.0.0.1"},
            {"Host": "voice.example.com"},
            {"Host": "localhost.voice.example.com"},
            {"Origin": "https://voice.example.com"},
            BEARER,
        ):
            let_in = headers is BEARER  # a token that nobody asked for
            assert (await http.post("/twilio/voice", data=ringing(), headers=headers)).status_code == (
                200 if let_in else 403
            )
            assert (await http.get("/api/calls", headers=headers)).status_code == (200 if let_in else 401)
