"""What people and programs ask."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.by_hand import Hand, by_hand, ringing
from tests.gateway import BEARER, DIALLED, RunningGateway, network, running_gateway
from tests.waiting import eventually

from offhook.agents.agent import Agent
from offhook.loadtest.twilio import Behaviour, Outcome, Status

pytestmark = pytest.mark.asyncio(loop_scope="module")

TO = "+15550007777"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[RunningGateway]:
    async with running_gateway(
        Agent(name="desk"), public=True, dial_allow="+1555,+44", calls_per_second=100, engine_connect_seconds=60
    ) as gateway:
        yield gateway


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(running: RunningGateway) -> AsyncIterator[httpx.AsyncClient]:
    async with running.http() as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def twilio(running: RunningGateway) -> AsyncIterator[Hand]:
    async with by_hand(running) as hand:
        yield hand


# ---- who may -------------------------------------------------------------------------------------------------------

ROUTES = [("POST", "/api/calls"), ("GET", "/api/calls"), ("GET", "/api/calls/x"), ("DELETE", "/api/calls/x")]
ROUTES += [("GET", "/api/events")]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("shown", [None, "", "Bearer", "Bearer wrong", "Basic api-token-of-the-tests", "Bearer é"])
async def test_without_the_token_nobody_may(running: RunningGateway, method: str, path: str, shown: str | None) -> None:
    headers = {} if shown is None else {"Authorization": shown.encode("latin-1")}
    async with running.http(headers=headers) as stranger:
        answer = await stranger.request(method, path, json={"to": TO} if method == "POST" else None)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json() == {"error": "wrong or missing bearer token"}


async def test_forwarding_headers_do_not_matter_to_who_shows_the_token(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/calls", headers={"X-Forwarded-For": "10.0.0.5"})).status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
async def test_what_the_api_can_do_is_told_to_who_may_use_it(
    running: RunningGateway, http: httpx.AsyncClient, path: str
) -> None:
    async with running.http(headers={}) as stranger:
        assert (await stranger.get(path)).status_code == 401
    assert (await http.get(path)).status_code == 200


async def test_the_description_is_of_the_api_and_the_docs_show_it(http: httpx.AsyncClient) -> None:
    described = (await http.get("/openapi.json")).json()
    assert described["info"]["title"] == "Offhook"
    assert "/api/calls" in described["paths"]
    assert "/docs" not in described["paths"]
    assert "/openapi.json" in (await http.get("/docs")).text
    assert (await http.get("/redoc")).status_code == 404


# ---- place a call --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "to"),
        ({"to": None}, "to"),
        ({"to": 15550007777}, "to"),
        ({"to": ""}, "to"),
        ({"to": "15550007777"}, "to"),
        ({"to": "+1555000777712345"}, "to"),
        ({"to": "+1555 000 7777"}, "to"),
        ({"to": "+1555000\n7777"}, "to"),
        ({"to": "sip:nobody"}, "to"),
        ({"to": "tel:+15550007777"}, "to"),
        ({"to": "client:alice"}, "to"),
        ({"to": ["+15550007777"]}, "to"),
        ({"to": "\ud800"}, "to"),
        ({"to": TO}, "from"),
        ({"to": TO, "from": "anonymous"}, "from"),
        ({"to": TO, "from": DIALLED, "agent": ""}, "agent"),
        ({"to": TO, "from": DIALLED, "agent": "nobody"}, "agent"),
        ({"to": TO, "from": DIALLED, "agent": "x" * 65}, "agent"),
        ({"to": TO, "from": DIALLED, "agent": 5}, "agent"),
        ({"to": TO, "from": DIALLED, "engine": "steam"}, "engine"),
        ({"to": TO, "from": DIALLED, "engine": {}}, "engine"),
        ({"to": TO, "from": DIALLED, "ring_seconds": 4}, "ring_seconds"),
        ({"to": TO, "from": DIALLED, "ring_seconds": 601}, "ring_seconds"),
        ({"to": TO, "from": DIALLED, "ring_seconds": "soon"}, "ring_seconds"),
        ({"to": TO, "from": DIALLED, "ring_seconds": 5.5}, "ring_seconds"),
        ({"to": TO, "from": DIALLED, "metadata": []}, "metadata"),
        ({"to": TO, "from": DIALLED, "metadata": {"a": 1}}, "metadata"),
        ({"to": TO, "from": DIALLED, "metadata": {"": "x"}}, "metadata"),
        ({"to": TO, "from": DIALLED, "metadata": {"k" * 65: "x"}}, "metadata"),
        ({"to": TO, "from": DIALLED, "metadata": {"k": "x" * 501}}, "metadata"),
        ({"to": TO, "from": DIALLED, "metadata": {"k": "\ud800"}}, "metadata"),
        ({"to": TO, "from": DIALLED, "metadata": {str(n): "" for n in range(33)}}, "metadata"),
        ({"to": TO, "from": DIALLED, "url": "https://elsewhere.example"}, "url"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_rubbish_in_a_field_is_told_with_the_fields_name(
    running: RunningGateway, http: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    before = len(running.calls)
    answer = await http.post("/api/calls", content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"].startswith(field)
    assert len(answer.json()["error"]) <= 1000
    assert len(running.calls) == before


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"null", b'"x"', b"\xff", b"[" * 60_000, b'{"to":'])
async def test_a_body_that_is_no_object_is_refused(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post("/api/calls", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in (400, 422)
    assert answer.json()["error"]


async def test_a_form_of_another_page_places_no_call(http: httpx.AsyncClient) -> None:
    # A page of somebody else's can have a browser send these without asking.
    body = b'{"to": "+15550007777", "from": "+15550002222"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = await http.post("/api/calls", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 422


@pytest.mark.parametrize("to", ["+15560007777", "+33123456789", "sip:desk@example.com"])
async def test_a_destination_that_is_not_allowed_is_refused_and_the_setting_named(
    http: httpx.AsyncClient, to: str
) -> None:
    answer = await http.post("/api/calls", json={"to": to, "from": DIALLED})

    assert answer.status_code == 403
    assert "OFFHOOK_DIAL_ALLOW" in answer.json()["error"]


async def test_nobody_may_be_called_before_somebody_says_who() -> None:
    async with running_gateway(public=True, twilio_number=DIALLED) as running, running.http() as http:
        assert (await http.post("/api/calls", json={"to": TO})).status_code == 403


async def test_without_an_account_no_call_can_be_placed() -> None:
    async with running_gateway(twilio_account_sid=None, dial_allow="*") as running, running.http() as http:
        answer = await http.post("/api/calls", json={"to": TO, "from": DIALLED})

    assert answer.status_code == 403
    assert "OFFHOOK_TWILIO_ACCOUNT_SID" in answer.json()["error"]


async def test_a_call_is_placed_with_all_that_was_asked_for() -> None:
    agent = Agent(name="desk")
    async with network(agent=agent, public=True, dial_allow="*") as net:
        wanted = {
            "to": TO,
            "from": "+15550003333",
            "agent": "desk",
            "engine": "openai",
            "metadata": {"order": "17", "name": "Zoë"},
            "ring_seconds": 12,
        }
        answer = await net.http.post("/api/calls", json=wanted)
        assert answer.status_code == 201
        placed = answer.json()
        assert {"direction": "outbound", "state": "ringing", "caller": "+15550003333", "dialled": TO}.items() <= (
            placed.items()
        )
        assert (placed["agent"], placed["engine"]) == ("desk", "openai")

        await eventually(lambda: net.twilio.lines)
        [line] = net.twilio.lines
        assert line.plan.ring_timeout_s == 12
        await line.until_streaming()
        detail = (await net.http.get(f"/api/calls/{placed['id']}")).json()
        assert detail["metadata"] == {"order": "17", "name": "Zoë"}
        assert (detail["state"], detail["carrier_call_id"]) == ("talking", line.sid)


async def test_the_number_of_the_settings_calls_if_none_is_given() -> None:
    async with network(public=True, dial_allow="+1555", twilio_number="+15550004444") as net:
        assert (await net.http.post("/api/calls", json={"to": TO})).json()["caller"] == "+15550004444"
        await eventually(lambda: net.twilio.lines)


async def test_each_number_and_each_placed_call_has_its_own_agent() -> None:
    async with network(
        agent=Agent(name="desk"),
        public=True,
        dial_allow="*",
        twilio_number=DIALLED,
        calls_per_second=100,
        routes={"+15550006666": "tests.gateway:OTHER_AGENT"},
    ) as net:
        other, desk = await net.connected(dialled="+15550006666"), await net.connected()
        assert (net.of(other).agent, net.of(desk).agent) == ("other", "desk")

        placed = [await net.http.post("/api/calls", json={"to": TO} | who) for who in ({}, {"agent": "other"})]
        assert [answer.json()["agent"] for answer in placed] == ["desk", "other"]
        await eventually(
            lambda: [session.config.instructions for session in net.far_end.sessions].count("Be another.") == 2
        )


async def test_calls_are_placed_no_faster_than_the_account_allows() -> None:
    async with network(public=True, dial_allow="*", calls_per_second=5, twilio_number=DIALLED) as net:
        loop = asyncio.get_running_loop()
        began = loop.time()
        placed = [await net.http.post("/api/calls", json={"to": TO}) for _ in range(4)]
        assert [answer.status_code for answer in placed] == [201] * 4

        await eventually(lambda: len(net.twilio.lines) == 4)
        assert loop.time() - began >= 3 / 5 - 0.05


async def test_who_would_have_to_wait_too_long_is_told_when_to_come_again() -> None:
    async with network(public=True, dial_allow="*", calls_per_second=0.02, twilio_number=DIALLED) as net:
        assert (await net.http.post("/api/calls", json={"to": TO})).status_code == 201
        refused = await net.http.post("/api/calls", json={"to": TO})

    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 50
    assert refused.json()["error"]


async def test_a_full_gateway_places_no_call_and_says_when_to_come_again() -> None:
    async with network(public=True, dial_allow="*", twilio_number=DIALLED, max_calls_per_worker=1) as net:
        await net.connected()
        refused = await net.http.post("/api/calls", json={"to": TO})

    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1


async def test_a_gateway_that_shuts_down_places_no_call_and_says_that_another_may() -> None:
    async with network(public=True, dial_allow="*", twilio_number=DIALLED) as net:
        net.running.gateway.switchboard.close()
        refused = await net.http.post("/api/calls", json={"to": TO})

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert refused.json() == {"error": "this worker is shutting down"}


async def test_a_flood_of_orders_does_not_wait_for_hours() -> None:
    async with network(public=True, dial_allow="*", calls_per_second=1, twilio_number=DIALLED) as net:
        bystander = await net.connected()
        statuses = Counter([(await net.http.post("/api/calls", json={"to": TO})).status_code for _ in range(100)])

        assert statuses == {201: 31, 429: 69}  # what can be placed within half a minute
        assert net.running.gateway.switchboard.active == 32
        assert net.of(bystander).state == "talking"


async def test_a_call_that_twilio_refuses_to_place_ends_as_such() -> None:
    async with (
        network(public=True, dial_allow="*", twilio_number=DIALLED, twilio_auth_token="another") as net,
        net.running.http() as http,
    ):
        placed = (await http.post("/api/calls", json={"to": TO})).json()["id"]
        await eventually(lambda: net.running.calls[0].state == "ended")

        assert (await http.get(f"/api/calls/{placed}")).json()["end_reason"] == "dial_failed"


async def test_a_call_that_was_hung_up_before_its_turn_is_never_dialled() -> None:
    async with network(public=True, dial_allow="*", calls_per_second=4, twilio_number=DIALLED) as net:
        first, second = [(await net.http.post("/api/calls", json={"to": TO})).json()["id"] for _ in range(2)]
        ended = await net.http.delete(f"/api/calls/{second}")
        assert ended.json()["state"] == "ended"
        third = (await net.http.post("/api/calls", json={"to": TO})).json()["id"]
        await eventually(lambda: len(net.twilio.lines) == 2)

    assert [line.plan.request["Url"].split("=")[-1] for line in net.twilio.lines] == [first, third]


# ---- list and show -------------------------------------------------------------------------------------------------


async def test_calls_are_listed_those_that_live_first(http: httpx.AsyncClient, twilio: Hand) -> None:
    older, newer = await twilio.ring(), await twilio.ring()
    gone = await twilio.ring()
    await twilio.post("/twilio/status", {"CallSid": gone.call_sid, "CallStatus": "completed"})
    listed = (await http.get("/api/calls")).json()
    ids = [call["id"] for call in listed["calls"]]

    assert ids.index(older.call_id) < ids.index(newer.call_id) < ids.index(gone.call_id)
    assert listed["total"] == len(ids)
    ended = (await http.get("/api/calls", params={"state": "ended"})).json()["calls"]
    assert gone.call_id in [call["id"] for call in ended]
    assert {call["state"] for call in ended} == {"ended"}
    few = (await http.get("/api/calls", params={"limit": 1})).json()
    assert (len(few["calls"]), few["total"]) == (1, listed["total"])


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=10001", "limit=x", "limit=", "state=asleep", "state="])
async def test_a_strange_list_is_refused(http: httpx.AsyncClient, query: str) -> None:
    answer = await http.get(f"/api/calls?{query}")

    assert answer.status_code == 422
    assert answer.json()["error"].startswith(query.split("=")[0])


async def test_ended_calls_are_forgotten_oldest_first() -> None:
    async with running_gateway(ended_calls_kept=2) as running, by_hand(running) as twilio, running.http() as http:
        sids = []
        for _ in range(4):
            ringing_call = await twilio.ring()
            sids.append(ringing_call.call_id)
            await twilio.post("/twilio/status", {"CallSid": ringing_call.call_sid, "CallStatus": "completed"})

        kept = (await http.get("/api/calls")).json()["calls"]
        assert [call["id"] for call in kept] == [sids[3], sids[2]]
        assert (await http.get(f"/api/calls/{sids[0]}")).status_code == 404


@pytest.mark.parametrize("call", ["call_none", "%00", "..%2f..", "%ff", "x" * 3000, "call_none/more"])
async def test_a_call_that_nobody_knows_is_not_found(http: httpx.AsyncClient, call: str) -> None:
    assert (await http.get(f"/api/calls/{call}")).status_code == 404
    assert (await http.delete(f"/api/calls/{call}")).status_code == 404


# ---- hang up -------------------------------------------------------------------------------------------------------


async def test_a_call_is_hung_up_through_the_carrier() -> None:
    async with network(public=True) as net:
        line = await net.connected()
        ending = await net.http.delete(f"/api/calls/{net.of(line).id}")
        assert ending.status_code == 202

        ended = await net.ended(line)
        assert (line.status, ended.end_reason) == (Status.COMPLETED, "operator_hung_up")
        again = await net.http.delete(f"/api/calls/{ended.id}")
        assert (again.status_code, again.json()["state"]) == (202, "ended")


async def test_without_an_account_it_is_hung_up_by_closing_its_stream() -> None:
    async with network(rest=False) as net:
        line = await net.connected()
        await net.http.delete(f"/api/calls/{net.of(line).id}")
        ended = await net.ended(line)

        assert (line.status, ended.end_reason) == (Status.COMPLETED, "operator_hung_up")
        assert line.verbs == ["Connect", "Hangup"]


async def test_a_call_that_only_rings_is_taken_back() -> None:
    behaviour = Behaviour(calls_per_second=100, ring_s=30)
    async with network(public=True, dial_allow="*", twilio_number=DIALLED, behaviour=behaviour) as net:
        placed = (await net.http.post("/api/calls", json={"to": TO})).json()["id"]
        await eventually(lambda: net.twilio.lines and net.twilio.lines[0].status is Status.RINGING)
        await eventually(lambda: net.running.calls[0].carrier_call_id is not None)
        await net.http.delete(f"/api/calls/{placed}")

        assert await net.twilio.lines[0].until_ended() is Status.CANCELED
        await eventually(lambda: net.running.calls[0].state == "ended")


# ---- how outbound calls end ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.FAILED])
async def test_a_call_that_is_not_answered_ends_as_such(outcome: Outcome) -> None:
    behaviour = Behaviour(calls_per_second=100, outbound_answer=outcome)
    async with network(public=True, dial_allow="*", twilio_number=DIALLED, behaviour=behaviour) as net:
        placed = (await net.http.post("/api/calls", json={"to": TO})).json()["id"]
        await eventually(lambda: net.running.calls[0].state == "ended")
        call = (await net.http.get(f"/api/calls/{placed}")).json()

    assert (call["end_reason"], call["carrier_status"]) == ("not_answered", str(outcome))


async def test_the_api_is_open_to_this_machine_where_there_is_no_token() -> None:
    async with running_gateway(api_token=None) as running, running.http(headers={}) as http:
        assert (await http.get("/api/calls")).status_code == 200
        refused = await http.get("/api/calls", headers={"Host": "gw.example"})

        assert refused.status_code == 401
        assert refused.json() == {"error": "OFFHOOK_API_TOKEN is not set"}
        assert (await http.post("/api/calls", json={"to": TO}, headers={"Via": "x"} | BEARER)).status_code == 401


async def test_a_ringing_call_shows_nothing_but_its_facts(http: httpx.AsyncClient, twilio: Hand) -> None:
    fields = ringing()
    await twilio.post("/twilio/voice", fields)
    [call] = [c for c in (await http.get("/api/calls")).json()["calls"] if c["carrier_call_id"] == fields["CallSid"]]
    detail = (await http.get(f"/api/calls/{call['id']}")).json()

    assert {name: detail[name] for name in call} | {"duration_ms": 0} == call | {"duration_ms": 0}
    assert (detail["transcript"], detail["usage"], detail["dropped_ms"]) == ([], {}, 0)
