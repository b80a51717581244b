"""The front desk: where callers get to by words and by keys. The second half is whole calls of the gateway."""

import asyncio
import importlib
from dataclasses import replace

import pytest
from tests.calls.called import SECOND, Called, answering
from tests.examples.line import NOISE, Line

from offhook.agents.builtin import offered_tools
from offhook.calls import engine
from offhook.calls.departure import EndReason, Transfer
from offhook.calls.states import State
from offhook.dialogue import manners
from offhook.examples import call_transfer
from offhook.testing.memory_engine import MemoryEngine, Told


@pytest.fixture
def line() -> Line:
    return Line("call_transfer")


# ---- what the caller hears ------------------------------------------------------------------------------------------


async def test_who_is_not_understood_is_told_the_keys_and_then_connected_to_a_person(line: Line) -> None:
    assert await line.hears(NOISE) == f"{manners.NOT_UNDERSTOOD} {manners.SAY_IT_AGAIN}"
    assert (await line.hears(NOISE)).endswith("You can press 1 to call sales or 2 to call support.")
    assert line.deeds == []
    assert await line.hears(NOISE) == manners.GIVE_UP_TO_PERSON
    assert line.deeds == ["transferred to sip:person@example.com"]


@pytest.mark.parametrize(("key", "to"), [("1", "sales"), ("2", "support"), ("0", "person")])
async def test_the_keys_that_are_offered_are_those_that_work(line: Line, key: str, to: str) -> None:
    await line.hears(NOISE, NOISE, f"#{key}")

    assert line.deeds == [f"transferred to sip:{to}@example.com"]


async def test_words_that_are_understood_end_the_count(line: Line) -> None:
    await line.hears(NOISE, "what can you do", NOISE, NOISE)

    assert line.deeds == []


@pytest.mark.parametrize("said", ["billing please", "i want to fly to paris", "who won the game"])
async def test_a_place_that_is_not_there_is_not_made_up(line: Line, said: str) -> None:
    assert (await line.hears(said)).startswith(manners.NOT_UNDERSTOOD)
    assert line.deeds == []


# ---- what a model is told -------------------------------------------------------------------------------------------


def test_a_model_may_connect_to_all_three() -> None:
    tools = offered_tools(call_transfer.agent)

    assert set(tools) == {"call_sales", "call_support", "transfer_call", "end_call"}
    assert call_transfer.PERSON in call_transfer.agent.instructions
    assert set(call_transfer.agent.transfer_to) == set(call_transfer.KEYS.values())


def test_where_to_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFHOOK_EXAMPLE_SALES", "+15550003333")
    try:
        assert importlib.reload(call_transfer).KEYS["1"] == "+15550003333"
    finally:
        monkeypatch.undo()
        importlib.reload(call_transfer)


# ---- whole calls -----------------------------------------------------------------------------------------------------


def _called(model: MemoryEngine | None = None) -> Called:
    return Called(replace(call_transfer.agent, silence=None), model or answering())


@pytest.mark.parametrize("key", call_transfer.KEYS)
async def test_a_key_connects_when_the_greeting_was_heard(key: str) -> None:
    called = _called()
    leg = await called.pick_up()
    leg.press(key)
    await asyncio.sleep(0.5)
    assert called.call.state is State.TALKING
    await asyncio.sleep(1.5)

    assert leg.heard == SECOND
    assert called.call.life.departure == Transfer(call_transfer.KEYS[key])
    called.call.departed()
    assert called.call.life.end_reason is EndReason.TRANSFERRED


async def test_of_two_keys_the_first_counts() -> None:
    called = _called()
    leg = await called.pick_up()
    leg.press("2")
    leg.press("1")
    await asyncio.sleep(2)

    assert called.call.life.departure == Transfer(call_transfer.SUPPORT)


@pytest.mark.parametrize("key", ["5", "#", "*", "A"])
async def test_another_key_does_nothing_but_tell_the_model(key: str) -> None:
    called = _called()
    leg = await called.pick_up()
    leg.press(key)
    await asyncio.sleep(5)

    assert called.call.state is State.TALKING
    [told] = [each for each in called.session.asked if isinstance(each, Told)]
    assert told.text.startswith(f"The caller pressed {key}, which does nothing.")


async def test_a_tool_connects_when_the_caller_has_heard_to_whom() -> None:
    called = _called(MemoryEngine())
    await called.pick_up()
    called.session.emit(
        engine.ReplyStarted("r1"),
        engine.ReplySound("r1", "i1", SECOND),
        engine.ReplySoundDone("r1", "i1"),
        engine.ToolWanted("r1", "t1", "call_support", "{}"),
        engine.ReplyDone("r1", "completed"),
    )
    await asyncio.sleep(2)

    assert called.leg.heard == SECOND
    assert called.call.life.departure == Transfer(call_transfer.SUPPORT)
