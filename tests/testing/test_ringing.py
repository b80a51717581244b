"""The whole kit with real sound. The calls are made at once; see ``scenes``."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from tests.testing.bakery import PERSON, bakery
from tests.testing.scenes import Scene, perform, wanted

from offhook.agents.agent import Agent
from offhook.agents.handle import CallHandle
from offhook.agents.policies import BargeIn, SilencePolicy
from offhook.audio.formats import PCMU_8K
from offhook.audio.wav import read_wav
from offhook.loadtest.far_end import FarEnd, Reply, Script
from offhook.testing import NotAsScripted, phone_call
from offhook.testing.speech import SHARED

pytestmark = pytest.mark.asyncio(loop_scope="module")

GREETING: Final = "how can I help you"


async def a_caller_is_understood_and_answered() -> None:
    async with phone_call(bakery) as caller:
        await caller.hears(GREETING)
        reply = await caller.says("when are you open")
        assert caller.understood == ["when are you open"]
        assert reply.startswith("We are open from six to eleven")
        assert caller.heard == [bakery.greeting, reply]
        caller.called("opening_hours")
        assert len(caller.latencies_ms) == 1
        for fact in (
            'says "when are you open"',
            'understood  "when are you open"',
            "opening_hours() → done in",
            "ms after",
        ):
            assert fact in caller.transcript
        with pytest.raises(NotAsScripted, match="should have hung up; the call goes on"):
            await caller.is_hung_up_on(within_s=0.1)
        await caller.hangs_up()
        with pytest.raises(NotAsScripted, match="the call has ended: caller_hung_up"):
            await caller.is_hung_up_on()
        with pytest.raises(NotAsScripted, match="not on the line any more"):
            await caller.says("one more thing")


async def a_caller_interrupts() -> None:
    async with phone_call(bakery) as caller:
        await caller.hears(GREETING)
        await caller.says("when are you open", listens=False)
        await caller.interrupts("can i speak to a person please", after_ms=1500, listens=False)
        assert caller.heard[1].startswith("We are open")
        assert "closed" not in caller.heard[1]
        assert "cut after" in caller.transcript
        await caller.is_transferred_to(PERSON)


async def an_agent_that_does_not_stop_is_told_of() -> None:
    stubborn = replace(bakery, barge_in=BargeIn(allowed=False))
    async with phone_call(stubborn) as caller:
        with pytest.raises(NotAsScripted, match="should have stopped when it was interrupted"):
            await caller.interrupts("when are you open", after_ms=300)


async def words_that_do_not_come_are_missed(tmp: Path) -> None:
    async with phone_call(bakery) as caller:
        with pytest.raises(NotAsScripted, match='"good evening" should have been heard; the agent said "The bakery'):
            await caller.hears("good evening")
        with pytest.raises(NotAsScripted, match="nothing to interrupt"):
            await caller.interrupts("hello")
        assert await caller.plays(PCMU_8K.silence(500)) == ""
        assert caller.understood == []
        caller.save_wav(tmp / "call.wav")
        _, sound = read_wav(tmp / "call.wav", PCMU_8K)
        assert PCMU_8K.duration_ms(len(sound)) > 3000


async def silence_is_asked_about() -> None:
    silent = Agent(name="silent", silence=SilencePolicy(after_s=1, checks=0))
    async with phone_call(silent) as caller:
        await caller.waits(0.5)
        await caller.hears("goodbye", within_s=10)
        await caller.is_hung_up_on()


async def keys_are_answered_or_handled() -> None:
    async with phone_call(bakery) as caller:
        await caller.hears(GREETING)
        assert await caller.presses("0") == "I am connecting you."
        await caller.is_transferred_to(PERSON)
    desk = Agent(name="desk")

    @desk.on_digit
    async def by_key(digit: str, call: CallHandle) -> None:
        await call.transfer(f"+1555000{digit}")

    async with phone_call(desk, dial_allow=("+1555",), dialled="+4930222222") as caller:
        assert await caller.presses("7") == ""
        await caller.is_transferred_to("+15550007")


async def an_own_speech_server_can_be_named() -> None:
    own = await asyncio.to_thread(SHARED.address)
    async with phone_call(bakery, speech_url=own.url, speech_api_key=own.api_key, voice="en-us+klatt4") as caller:
        await caller.hears(GREETING)


async def another_engine_can_answer() -> None:
    script = Script(
        greeting=Reply("Hello, this is a model.", duration_ms=400), replies=(Reply("Indeed.", duration_ms=400),)
    )
    async with (
        FarEnd(script) as far_end,
        phone_call(bakery, engine="openai", openai_url=far_end.url, openai_api_key="sk-x") as caller,
    ):
        await caller.hears("this is a model")
        assert await caller.says("is that so") == "Indeed."
        assert "answered by the engine openai" in caller.transcript


async def whatever_fails_shows_the_transcript() -> None:
    async def listens_to_another() -> None:
        async with phone_call(bakery) as caller:
            assert await caller.hears("bakery") == "The butcher."

    with pytest.raises(AssertionError) as failure:
        await listens_to_another()
    assert "The bakery, how" in failure.value.__notes__[0]


SCENES: Final[Mapping[str, Scene]] = {
    scene.__name__: scene
    for scene in (
        a_caller_is_understood_and_answered,
        a_caller_interrupts,
        an_agent_that_does_not_stop_is_told_of,
        silence_is_asked_about,
        keys_are_answered_or_handled,
        an_own_speech_server_can_be_named,
        another_engine_can_answer,
        whatever_fails_shows_the_transcript,
    )
}
MISSED: Final = words_that_do_not_come_are_missed.__name__


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def failures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exception]:
    chosen = wanted(request, "scene")
    scenes = {
        **SCENES,
        MISSED: lambda: words_that_do_not_come_are_missed(tmp_path_factory.mktemp("call")),
    }
    return await perform({name: scene for name, scene in scenes.items() if name in chosen})


@pytest.mark.parametrize("scene", [*SCENES, MISSED])
async def test_on_the_telephone(scene: str, failures: dict[str, Exception]) -> None:
    if scene in failures:
        raise failures[scene]
