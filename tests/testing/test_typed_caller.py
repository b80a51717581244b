from dataclasses import replace
from datetime import date

import pytest
from tests.testing.bakery import PERSON, bakery

from offhook.agents.agent import Agent
from offhook.agents.handle import CallHandle
from offhook.agents.policies import BargeIn
from offhook.calls.conversation import ToolStatus
from offhook.errors import CallRefused
from offhook.testing import NotAsScripted, typed_call

SUNDAY = date(2026, 11, 15)
TUESDAY = date(2026, 11, 17)


async def test_a_cake_is_ordered() -> None:
    async with typed_call(bakery, today=SUNDAY) as caller:
        assert await caller.hears("how can i help") == bakery.greeting
        await caller.says("i would like a plum cake")
        await caller.hears("day")
        reply = await caller.says("on tuesday please")

        assert reply == "The plum cake is ordered for Tuesday."
        assert caller.understood == ["i would like a plum cake", "on tuesday please"]
        assert caller.heard[-1] == reply
        order = caller.called("order_cake", kind="plum", day=TUESDAY)
        assert order.arguments == {"kind": "plum", "day": "2026-11-17"}
        caller.did_not_call("opening_hours")
        caller.did_not_call("order_cake", kind="cherry")


async def test_a_tool_that_was_not_called_is_missed_with_the_whole_conversation() -> None:
    async with typed_call(bakery, today=SUNDAY) as caller:
        await caller.says("order a plum cake for tuesday")
        with pytest.raises(NotAsScripted) as missed:
            caller.called("order_cake", kind="cherry")
    assert str(missed.value).splitlines() == [
        "order_cake(kind='cherry') should have been called; called: order_cake(kind='plum', day='2026-11-17')",
        "",
        "The call with bakery, in text:",
        '  agent       "The bakery, how can I help you?"',
        '  caller      "order a plum cake for tuesday"',
        "  tool        order_cake(kind='plum', day='2026-11-17') → done: The plum cake is ordered for Tuesday.",
        '  agent       "The plum cake is ordered for Tuesday."',
    ]


async def test_a_tool_that_was_called_all_the_same_is_told() -> None:
    async with typed_call(bakery) as caller:
        await caller.says("when are you open")
        with pytest.raises(NotAsScripted, match=r"no tool should have been called; called: opening_hours\(\)"):
            caller.did_not_call()


async def test_a_tool_that_failed_was_not_carried_out() -> None:
    async with typed_call(bakery) as caller:
        await caller.says("is there any bread left")
        assert [tool.status for tool in caller.tools] == [ToolStatus.FAILED]
        with pytest.raises(NotAsScripted, match=r"count_bread\(\) → failed"):
            caller.called("count_bread")
        assert "note        The caller wants bread." in caller.transcript


async def test_words_that_were_not_heard_are_missed() -> None:
    async with typed_call(bakery) as caller:
        with pytest.raises(NotAsScripted, match='"good evening" should have been heard; the agent said "The bakery'):
            await caller.hears("good evening")


async def test_any_failure_in_the_block_shows_the_transcript() -> None:
    async def listens_to_another() -> None:
        async with typed_call(bakery) as caller:
            assert await caller.hears("bakery") == "The butcher."

    with pytest.raises(AssertionError) as failure:
        await listens_to_another()
    assert "The bakery, how" in failure.value.__notes__[0]


async def test_a_caller_who_interrupts_has_heard_the_beginning() -> None:
    async with typed_call(bakery) as caller:
        await caller.says("when are you open", listens=False)
        await caller.interrupts("order a plum cake for tuesday", after_ms=1200)
        assert "We are open" in caller.heard
        caller.called("order_cake", kind="plum")


async def test_an_agent_that_has_finished_cannot_be_interrupted() -> None:
    async with typed_call(bakery) as caller:
        await caller.says("when are you open")
        with pytest.raises(NotAsScripted, match="nothing to interrupt"):
            await caller.interrupts("goodbye")


async def test_an_agent_that_may_not_be_interrupted_goes_on() -> None:
    stubborn = replace(bakery, barge_in=BargeIn(allowed=False))
    async with typed_call(stubborn) as caller:
        await caller.interrupts("when are you open", cuts=False)
        assert caller.heard[0] == bakery.greeting
    async with typed_call(stubborn) as caller:
        with pytest.raises(NotAsScripted, match="goes on when it is interrupted"):
            await caller.interrupts("when are you open")


async def test_the_agent_hangs_up() -> None:
    async with typed_call(bakery) as caller:
        with pytest.raises(NotAsScripted, match="should have hung up; it goes on"):
            await caller.is_hung_up_on()
        await caller.says("goodbye")
        await caller.is_hung_up_on()
        with pytest.raises(NotAsScripted, match="not on the line any more"):
            await caller.says("one more thing")


async def test_a_caller_who_hangs_up_was_not_hung_up_on() -> None:
    async with typed_call(bakery) as caller:
        await caller.hangs_up()
        with pytest.raises(NotAsScripted, match="should have hung up"):
            await caller.is_hung_up_on()


async def test_a_caller_who_asks_for_a_person_is_transferred() -> None:
    async with typed_call(bakery) as caller:
        await caller.says("can i speak to a person please")
        with pytest.raises(NotAsScripted, match=f"it was transferred to \\{PERSON}"):
            await caller.is_transferred_to("+15550009999")
        await caller.is_transferred_to(PERSON)


async def test_keys_are_answered() -> None:
    async with typed_call(bakery) as caller:
        await caller.says("what can you do")
        assert await caller.presses("2") == await caller.hears("open from six")
        with pytest.raises(ValueError, match="no key 'x'"):
            await caller.presses("x")


async def test_keys_go_to_the_agents_own_handler() -> None:
    desk = Agent(name="desk")

    @desk.on_digit
    async def by_key(digit: str, call: CallHandle) -> None:
        await call.transfer(f"+1555000{digit}")

    async with typed_call(desk, dial_allow=["+1555"]) as caller:
        assert await caller.presses("7") == ""
        await caller.is_transferred_to("+15550007")
    async with typed_call(desk) as caller:
        with pytest.raises(CallRefused, match="not allowed"):
            await caller.presses("7")


async def test_the_agent_is_told_who_calls() -> None:
    shop = Agent(name="shop")
    told: list[str] = []

    @shop.on_call
    async def greet(call: CallHandle) -> str:
        told.append(call.caller)
        return "Be kind."

    async with typed_call(shop, caller="+4930111111"):
        assert told == ["+4930111111"]
