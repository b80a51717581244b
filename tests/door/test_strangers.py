"""Who asks again and again without what they should show, and who is not to suffer from it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.by_hand import SIGNATURE, Hand, Stream, by_hand, ringing, verbs
from tests.gateway import BEARER, RunningGateway, logged, network, running_gateway, watch_log
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMIT = 5


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[RunningGateway]:
    async with running_gateway(strangers_per_minute=LIMIT, trusted_proxies="127.0.0.1") as gateway:
        yield gateway


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def twilio(running: RunningGateway) -> AsyncIterator[Hand]:
    async with by_hand(running) as hand:
        yield hand


def source(number: int) -> dict[str, str]:
    """The headers of a proxy that asks for somebody."""
    return {"X-Forwarded-For": f"198.51.100.{number}"}


DOORS = [
    ("POST", "/twilio/voice", {}, 403),
    ("POST", "/twilio/voice", {SIGNATURE: "wrong"}, 403),
    ("POST", "/twilio/status", {SIGNATURE: "wrong"}, 403),
    ("GET", "/api/calls", {}, 401),
    ("GET", "/api/calls", {"Authorization": "Bearer wrong"}, 401),
    ("GET", "/docs", {}, 401),
    ("GET", "/wp-login.php", {}, 404),
    ("GET", "/wp-login.php", BEARER, 404),
]


@pytest.mark.parametrize(("number", "door"), list(enumerate(DOORS)))
async def test_over_the_limit_a_stranger_is_told_to_wait(
    running: RunningGateway, number: int, door: tuple[str, str, dict[str, str], int], caplog: pytest.LogCaptureFixture
) -> None:
    watch_log(caplog)
    method, path, headers, status = door
    async with running.http(headers=headers | source(number)) as stranger:
        answers = [await stranger.request(method, path) for _ in range(LIMIT + 10)]

    assert [answer.status_code for answer in answers] == [status] * LIMIT + [429] * 10
    assert answers[-1].json() == {"error": "too many requests"}
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    # The log is not theirs to fill.
    assert len(logged(caplog, "a stranger is refused", source=f"198.51.100.{number}", status=status)) == LIMIT


async def test_over_the_limit_what_shows_nothing_is_not_even_read(running: RunningGateway) -> None:
    async with running.http(headers=source(50)) as stranger:
        for _ in range(LIMIT):
            assert (await stranger.post("/api/calls", content=b"x" * 300_000)).status_code in (401, 413)
        for _ in range(LIMIT):
            await stranger.post("/api/calls", content=b"x")
        assert (await stranger.post("/api/calls", content=b"x" * 300_000)).status_code == 429


async def test_streams_without_a_signature_are_counted_as_well(running: RunningGateway) -> None:
    statuses = []
    for _ in range(LIMIT + 2):
        url = f"ws://{running.authority}/ws/media/w0/call_x/token"
        async with await Stream.to(url, X_Twilio_Signature="wrong", X_Forwarded_For="198.51.100.60") as stream:
            statuses.append(stream.answer.status)
    assert statuses == [403] * LIMIT + [429] * 2
    assert int(stream.answer.headers["retry-after"]) <= 60
    assert stream.answer.body == b"too many requests\n"


async def test_so_are_other_websockets(running: RunningGateway) -> None:
    for _ in range(LIMIT + 2):
        async with await Stream.to(f"ws://{running.authority}/ws/else", X_Forwarded_For="198.51.100.61") as stream:
            assert stream.answer.status == 403
    async with running.http(headers=source(61)) as stranger:
        assert (await stranger.get("/else")).status_code == 429


async def test_who_shows_what_they_should_is_not_held_up(running: RunningGateway, twilio: Hand) -> None:
    """Twilio asks for all its customers from few addresses; some of them may have the wrong number of ours."""
    fields, theirs = ringing(), source(70)
    async with running.http(headers=theirs) as stranger:
        for _ in range(LIMIT * 2):
            last = await stranger.post("/twilio/voice", data=fields, headers={SIGNATURE: "wrong"})
        assert last.status_code == 429

        assert verbs((await twilio.post("/twilio/voice", fields, **theirs)).text)[0] == "Connect"
        assert (await stranger.get("/api/calls", headers=BEARER)).status_code == 200
        assert (await stranger.get("/api/calls", headers=BEARER)).status_code == 200


async def test_one_stranger_does_not_hold_up_another(running: RunningGateway) -> None:
    async with running.http(headers={}) as stranger:
        for _ in range(LIMIT * 2):
            await stranger.get("/else", headers=source(80))
        assert (await stranger.get("/else", headers=source(81))).status_code == 404


async def test_a_made_up_address_does_not_make_a_new_stranger(running: RunningGateway) -> None:
    async with running.http(headers={}) as stranger:
        for n in range(LIMIT):
            await stranger.get("/else", headers={"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.90"})
        spoofed = {"X-Forwarded-For": "203.0.113.99, 198.51.100.90"}
        assert (await stranger.get("/else", headers=spoofed)).status_code == 429


async def test_who_asks_for_calls_that_are_gone_is_no_stranger(running: RunningGateway) -> None:
    async with running.http(headers=BEARER | source(91)) as program:
        statuses = [(await program.get("/api/calls/call_gone")).status_code for _ in range(LIMIT * 2)]
    assert statuses == [404] * LIMIT * 2


async def test_without_trusted_proxies_nobody_is_believed() -> None:
    async with running_gateway(strangers_per_minute=LIMIT) as running, running.http(headers={}) as stranger:
        statuses = [(await stranger.get("/else", headers=source(n))).status_code for n in range(LIMIT + 2)]
    assert statuses == [404] * LIMIT + [429] * 2


async def test_health_is_told_to_everybody_at_any_time(running: RunningGateway) -> None:
    async with running.http(headers=source(95)) as stranger:
        for _ in range(LIMIT * 2):
            await stranger.get("/else")
        for path in ("/healthz", "/readyz", "/"):
            assert (await stranger.get(path)).status_code == 200


async def test_a_program_that_asks_too_often_is_told_to_wait() -> None:
    async with running_gateway(api_requests_per_second=1) as running, running.http() as program:
        statuses = [(await program.get("/api/calls")).status_code for _ in range(12)]
        assert statuses == [200] * 10 + [429] * 2
        answer = await program.get("/api/calls")
        assert answer.json() == {"error": "too many requests"}
        assert 1 <= int(answer.headers["retry-after"]) <= 10


async def test_an_account_that_calls_too_often_hears_that_the_line_is_busy() -> None:
    async with (
        running_gateway(account_calls_per_second=1, engine_connect_seconds=60) as running,
        by_hand(running) as twilio,
    ):
        fields = [ringing() for _ in range(12)]
        answers = [await twilio.post("/twilio/voice", each) for each in fields]
        assert [answer.status_code for answer in answers] == [200] * 12
        assert [verbs(answer.text)[0] for answer in answers] == ["Connect"] * 10 + ["Reject"] * 2
        # Those that are here are not counted again, and other accounts not with this one.
        assert verbs((await twilio.post("/twilio/voice", fields[0])).text)[0] == "Connect"
        other = ringing() | {"AccountSid": "AC" + "1" * 32}
        assert verbs((await twilio.post("/twilio/voice", other)).text)[0] == "Connect"
        assert running.gateway.switchboard.active == 11

        update = {"CallSid": "CAx", "CallStatus": "ringing", "AccountSid": "AC" + "2" * 32}
        statuses = [(await twilio.post("/twilio/status", update)).status_code for _ in range(102)]
        assert statuses == [204] * 100 + [429] * 2


async def test_a_caller_on_the_line_does_not_hear_a_flood_of_strangers() -> None:
    async with network(strangers_per_minute=LIMIT) as net:
        line = await net.connected()
        await eventually(lambda: net.of(line).state == "talking")
        async with net.running.http(headers={}) as stranger:
            for _ in range(200):
                await stranger.get("/else")
        assert net.of(line).state == "talking"
        assert (await net.http.get("/readyz")).status_code == 200
        other = await net.connected()
        await eventually(lambda: net.of(other).state == "talking")
