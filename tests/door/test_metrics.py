"""The page of a real gateway, after real calls; judged by Prometheus' own tool."""

import asyncio

import pytest
from pydantic import SecretStr
from tests.door.scrape import Page
from tests.gateway import BEARER, Network, RunningGateway, network, running_gateway
from tests.promtool import needs_promtool, promtool
from tests.waiting import eventually

from offhook.agents.agent import Agent
from offhook.agents.policies import TurnDetection
from offhook.calls.conversation import AgentSaid
from offhook.calls.events import LegCame
from offhook.door.rates import WINDOW_S
from offhook.loadtest.far_end import Faults, Reply, Script, ToolCall
from offhook.loadtest.far_end.rehearsal import VOICE_HZ
from offhook.loadtest.far_end.tones import tone
from offhook.loadtest.twilio import Line

WORD = tone(VOICE_HZ, 160)
QUICK = TurnDetection(silence_ms=100, prefix_ms=0)


async def scrape(net: Network) -> Page:
    answer = await net.http.get("/metrics")
    assert answer.status_code == 200
    return Page(answer.text)


def desk() -> Agent:
    agent = Agent(greeting="Hello there.", turn_detection=QUICK)

    @agent.tool
    async def hours(day: str) -> str:
        """Opening hours.

        Args:
            day: of the week
        """
        return "9 to 5"

    return agent


async def heard(net: Network, line: Line, text: str) -> None:
    def found() -> bool:
        said = [entry for entry in net.of(line).transcript if isinstance(entry, AgentSaid)]
        return any(entry.text == text and 0 < entry.sound_ms == entry.heard_ms for entry in said)

    await eventually(found)


async def speak(line: Line) -> None:
    line.say(WORD)
    await line.spoken()


@needs_promtool
async def test_the_page_says_what_happened_on_calls() -> None:
    """Three calls: one of two answers, one interrupted and a tool; one that only listens; one that goes on."""
    looks_up = Reply(
        tool_calls=(ToolCall("hours", '{"day":"mon"}'),), after_tools=Reply("Nine to five.", duration_ms=300)
    )
    script = Script(
        greeting=Reply("Hello there.", duration_ms=300),
        replies=(Reply("It is a long story. " * 5, duration_ms=20_000), looks_up),
        heard=("Tell me.", "When do you open on Monday?"),
        pace=8,
    )
    async with network(script, desk(), max_calls_per_worker=5) as net:
        before = await scrape(net)
        assert before["offhook_calls_started_total"] == before["offhook_calls_ended_total"] == 0

        talks, listens, stays = await asyncio.gather(net.connected(), net.connected(), net.connected())
        await heard(net, talks, "Hello there.")
        await speak(talks)
        await eventually(lambda: talks.played_ms >= 300 + 400)
        await speak(talks)
        await heard(net, talks, "Nine to five.")
        talks.hang_up()
        listens.hang_up()
        talked = await net.ended(talks)
        await net.ended(listens)
        await heard(net, stays, "Hello there.")
        page = await scrape(net)

    assert promtool("check", "metrics", stdin=page.text.encode()) == ""

    assert page.sum("offhook_calls_started_total", engine="openai", direction="inbound") == 3
    assert page.not_zero("offhook_calls_ended_total", "outcome") == {"caller_hung_up": 2}
    assert page.not_zero("offhook_active_calls", "state") == {"talking": 1}
    assert page.not_zero("offhook_active_calls", "engine") == {"openai": 1}
    assert (page["offhook_max_concurrent_calls"], page["offhook_accepting_calls"]) == (5, 1)
    assert page.sum("offhook_call_setup_seconds_count", direction="inbound") == 3
    assert page.sum("offhook_engine_setup_seconds_count", engine="openai") == 3
    assert 0 < page["offhook_engine_setup_seconds_sum"] < 30
    assert page.not_zero("offhook_legs_left_total", "reason") == {"hung_up": 2}

    latencies_ms = talked.timings.replies_ms
    assert page.sum("offhook_response_latency_seconds_count", engine="openai") == len(latencies_ms) == 2
    assert page["offhook_response_latency_seconds_sum"] == pytest.approx(sum(latencies_ms) / 1000)
    assert page["offhook_barge_ins_total"] == page["offhook_barge_in_seconds_count"] == 1
    assert page.not_zero("offhook_tool_calls_total", "status") == {"done": 1}

    # Measured on the way of the sound, and of the loop.
    for family in ("frame_conversion", "frame_lateness", "engine_round_trip", "loop_lag"):
        assert page[f"offhook_{family}_seconds_count"] > 0, family
    assert page["offhook_caller_sound_dropped_seconds_total"] == 0
    assert page["process_resident_memory_bytes"] > 10_000_000
    assert page["process_open_fds"] > 3
    assert page["python_gc_collections_total"] > 0
    assert page["offhook_metering_faults_total"] == 0


async def test_calls_whose_engine_cannot_be_had_and_lines_that_break_are_counted() -> None:
    async with network(agent=Agent(), public=True, faults=Faults(refuse_status=401)) as net:
        await net.ended(await net.ring())
        page = await scrape(net)
    assert page.not_zero("offhook_calls_ended_total", "outcome") == {"engine_failed": 1}
    assert page.sum("offhook_engine_sessions_lost_total", retryable="false") == 1

    async with network(agent=desk()) as net:
        line = await net.connected()
        await heard(net, line, "Hello.")
        with net.running.gateway.feed.subscribe() as happens:
            line.drop()
            async with asyncio.timeout(5):
                while not isinstance((await happens.next()).event, LegCame):
                    pass
        page = await scrape(net)
    assert page["offhook_line_resume_seconds_count"] == page["offhook_call_setup_seconds_count"] == 1
    assert page.not_zero("offhook_legs_left_total", "reason") == {"lost": 1}


async def test_a_worker_that_is_full_says_so() -> None:
    async with network(max_calls_per_worker=1) as net:
        await net.connected()
        page = await scrape(net)
        assert page["offhook_active_calls"] == page["offhook_max_concurrent_calls"] == 1
        assert page["offhook_accepting_calls"] == 0
        assert page["offhook_calls_refused_total"] == 0

        await (await net.ring()).until_ended()
        refused = await net.http.post("/api/calls", json={"to": "+15550003333", "from": "+15550002222"})
        page = await scrape(net)
        assert page.not_zero("offhook_calls_refused_total", "reason") == {"full": 1, "not_allowed": 1}
        assert refused.status_code == 403
        assert page["offhook_calls_started_total"] == 1


async def test_calls_that_are_too_many_for_their_account_are_counted() -> None:
    async with network(account_calls_per_second=1) as net:
        lines = await asyncio.gather(*(net.ring() for _ in range(15)))
        await eventually(lambda: sum(line.verbs == ["Reject"] for line in lines) >= 5)
        page = await scrape(net)
        assert page.not_zero("offhook_calls_refused_total", "reason") == {
            "rate_limited": sum(line.verbs == ["Reject"] for line in lines)
        }


async def test_scrapers_get_what_they_accept() -> None:
    async with running_gateway() as running, running.http() as http:
        text = await http.get("/metrics")
        assert text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert text.headers["vary"] == "Accept"

        accept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4"
        openmetrics = await http.get("/metrics", headers={"Accept": accept})
        assert openmetrics.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        assert openmetrics.text.endswith("# EOF\n")


async def status(running: RunningGateway, path: str = "/metrics", **headers: str) -> int:
    async with running.http(headers=headers) as http:
        return int((await http.get(path)).status_code)


async def test_the_page_is_guarded_like_the_api() -> None:
    async with running_gateway() as running:
        assert await status(running) == 401
        assert await status(running, Authorization="Bearer another") == 401
        assert await status(running, **BEARER) == 200

    async with running_gateway(api_token=None) as running:
        assert await status(running) == 200
        assert await status(running, **{"X-Forwarded-For": "203.0.113.9"}) == 401


async def test_the_metrics_token_opens_what_there_is_to_watch_and_nothing_else() -> None:
    shown = {"Authorization": "Bearer metrics-token-of-the-tests"}
    token = SecretStr("metrics-token-of-the-tests")
    async with running_gateway(metrics_token=token) as running:
        for path in ("/metrics", "/api/capacity"):
            assert await status(running, path, **shown) == 200
            assert await status(running, path, **BEARER) == 200
            assert await status(running, path) == 401
        for path in ("/api/calls", "/api/calls/call_x", "/api/events", "/openapi.json", "/docs"):
            assert await status(running, path, **shown) == 401
        async with running.http(headers=shown) as http:
            assert (await http.post("/api/calls", json={"to": "+15550003333"})).status_code == 401
            assert (await http.delete("/api/calls/call_x")).status_code == 401

    elsewhere = {"X-Forwarded-For": "203.0.113.9"}
    async with running_gateway(api_token=None, metrics_token=token) as running:
        assert await status(running) == 200  # this machine
        assert await status(running, **elsewhere) == 401
        assert await status(running, **elsewhere, **shown) == 200
        assert await status(running, "/api/calls", **elsewhere, **shown) == 401


async def test_who_lists_calls_all_the_time_does_not_shut_out_the_scraper() -> None:
    async with running_gateway(api_requests_per_second=1) as running, running.http() as http:
        answers = [(await http.get("/api/calls")).status_code for _ in range(WINDOW_S * 2 + 2)]
        assert answers[-1] == 429
        assert (await http.get("/metrics")).status_code == 200
        assert (await http.get("/api/capacity")).status_code == 200


async def test_nor_does_a_scraper_shut_out_one_who_hangs_up() -> None:
    async with running_gateway(api_requests_per_second=1) as running, running.http() as http:
        answers = [(await http.get("/metrics")).status_code for _ in range(WINDOW_S * 2 + 2)]
        assert answers[-1] == 429
        assert (await http.delete("/api/calls/call_x")).status_code == 404


async def test_two_gateways_of_one_process_share_no_counts() -> None:
    async with network() as one, network() as other:
        (await one.connected()).hang_up()
        assert (await scrape(one))["offhook_calls_started_total"] == 1
        assert (await scrape(other))["offhook_calls_started_total"] == 0
