from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.gateway import BEARER, RunningGateway, running_gateway

from offhook.door.limits import BODY_LIMIT_BYTES

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
DOORS = [("/twilio/voice", FORM), ("/twilio/status", FORM), ("/api/calls", JSON), ("/api/calls", FORM)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[RunningGateway]:
    async with running_gateway() as gateway:
        yield gateway


@pytest.mark.parametrize(("path", "headers"), DOORS)
async def test_a_body_over_the_limit_is_answered_with_413(
    running: RunningGateway, path: str, headers: dict[str, str]
) -> None:
    async with running.http(headers=BEARER | headers) as http:
        answer = await http.post(path, content=b"a=" + b"x" * BODY_LIMIT_BYTES)

    assert answer.status_code == 413
    assert answer.json() == {"error": f"the body is over {BODY_LIMIT_BYTES} bytes"}


@pytest.mark.parametrize(("path", "headers"), DOORS)
async def test_so_is_one_that_does_not_say_how_long_it_is(
    running: RunningGateway, path: str, headers: dict[str, str]
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(BODY_LIMIT_BYTES // 1000 + 1):
            yield b"x" * 1000

    async with running.http(headers=BEARER | headers) as http:
        answer = await http.post(path, content=chunks())

    assert answer.status_code == 413


@pytest.mark.parametrize(("path", "headers"), DOORS)
async def test_one_at_the_limit_is_read(running: RunningGateway, path: str, headers: dict[str, str]) -> None:
    async with running.http(headers=BEARER | headers) as http:
        answer = await http.post(path, content=b"a=" + b"x" * (BODY_LIMIT_BYTES - 2))

    assert answer.status_code in (403, 422)  # for what it says, not for its size


async def test_the_connection_goes_on_after_a_refusal(running: RunningGateway) -> None:
    async with running.http() as http:
        for _ in range(3):
            assert (await http.post("/api/calls", content=b"x" * 300_000)).status_code == 413
            assert (await http.get("/healthz")).status_code == 200
