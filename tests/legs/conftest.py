from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from tests.by_hand import (
    Stream,
    by_hand,
)
from tests.gateway import network, watch_log
from tests.legs.street import HELLO, MONOLOGUE, SPEECH, START_WITHIN_S, Street
from tests.waiting import eventually

from offhook.agents.agent import Agent
from offhook.agents.policies import BargeIn
from offhook.loadtest.far_end import NO_FAULTS, Faults, Script


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built() -> AsyncIterator[Street]:
    streets: list[Street] = []

    def script(number: int) -> Script:
        return streets[0].script if streets else MONOLOGUE

    def faults(number: int) -> Faults:
        return streets[0].faults if streets else NO_FAULTS

    agent = Agent(greeting="Hello.", barge_in=BargeIn(allowed=False), silence=None)
    async with (
        network(script, agent, faults=faults, rest=False, stream_start_seconds=START_WITHIN_S) as net,
        by_hand(net.running) as hand,
    ):
        line = await net.connected()
        line.say(SPEECH)
        await eventually(lambda: line.played_ms > 100)
        streets.append(Street(net, hand, line))
        yield streets[0]


@pytest.fixture
def street(built: Street, caplog: pytest.LogCaptureFixture) -> Iterator[Street]:
    built.script, built.faults = HELLO, NO_FAULTS
    watch_log(caplog)
    yield built
    for stream in tuple(Stream.opened):
        stream.abort()
