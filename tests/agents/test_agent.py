import asyncio
import dataclasses
from typing import Any

import pytest

from offhook.agents import agent as agent_module
from offhook.agents.agent import Agent
from offhook.agents.handle import CallHandle
from offhook.agents.policies import BargeIn, SilencePolicy, TurnDetection
from offhook.errors import AgentError


def test_an_agent_needs_nothing_to_be_one() -> None:
    agent = Agent()

    assert agent.name == "agent"
    assert agent.voice is None
    assert agent.engine is None
    assert agent.greeting == ""
    assert agent.turn_detection == TurnDetection()
    assert agent.barge_in == BargeIn()
    assert agent.silence == SilencePolicy()
    assert agent.max_call_s == 3_600
    assert agent.can_hang_up
    assert agent.transfer_to == ()
    assert agent.tools == {}


def test_instructions_lose_the_indentation_of_the_source_they_stand_in() -> None:
    agent = Agent(
        instructions="""
        Be brief.
          Be kind.
        """
    )

    assert agent.instructions == "Be brief.\n  Be kind."


@pytest.mark.parametrize("silence", [None, SilencePolicy(after_s=0)])
def test_silence_can_be_switched_off(silence: SilencePolicy | None) -> None:
    assert Agent(silence=silence).silence is None


def test_destinations_are_kept_once_and_in_order() -> None:
    assert Agent(transfer_to=["+4930123456", "sip:a@example.com", "+4930123456"]).transfer_to == (
        "+4930123456",
        "sip:a@example.com",
    )


def test_an_agent_cannot_be_changed_under_its_calls() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Agent().voice = "marin"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "front desk"}, "Agent: name: 'front desk' is not right; it takes 1 to 64 letters, digits"),
        ({"name": "x" * 65}, "Agent: name: 'xxx"),
        ({"name": ""}, "Agent: name: '' is not right; it takes 1 to 64 letters, digits"),
        ({"name": "desk\n"}, "Agent: name: 'desk\\n' is not right; it takes 1 to 64 letters, digits"),
        ({"name": None}, "Agent: name should be a valid string, not null"),
        ({"instructions": ["Be brief."]}, "Agent: instructions should be a valid string, not a list"),
        ({"instructions": "x" * 50_001}, "Agent: instructions should have at most 50000 characters"),
        ({"voice": ""}, "Agent: voice should have at least 1 character"),
        ({"voice": 3}, "Agent: voice should be a valid string, not 3"),
        (
            {"engine": "Open AI"},
            "Agent: engine: 'Open AI' is not right; write it as in the settings, such as",
        ),
        ({"greeting": None}, "Agent: greeting should be a valid string, not null"),
        (
            {"language": "English"},
            "Agent: language: 'English' is not right; write its code, such as en or de-CH",
        ),
        ({"turn_detection": None}, "Agent: turn_detection should be an instance of TurnDetection, not null"),
        ({"turn_detection": {"kind": "server"}}, "turn_detection should be an instance of TurnDetection"),
        ({"barge_in": True}, "Agent: barge_in should be an instance of BargeIn, not True"),
        ({"silence": 20}, "Agent: silence should be an instance of SilencePolicy, not 20"),
        ({"max_call_s": 0}, "Agent: max_call_s should be greater than 0, not 0"),
        ({"max_call_s": float("inf")}, "Agent: max_call_s should be"),
        ({"can_hang_up": "yes"}, "Agent: can_hang_up should be a valid boolean, not 'yes'"),
        ({"transfer_to": ["0800 123"]}, "Agent: transfer_to[0]: '0800 123' is neither a number such as"),
        ({"transfer_to": "+4930123456"}, "Agent: transfer_to"),
    ],
)
def test_a_wrong_value_is_told_in_one_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(AgentError) as caught:
        Agent(**values)

    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_tool_is_added_with_and_without_settings_and_stays_callable() -> None:
    agent = Agent()

    @agent.tool
    async def menu() -> str:
        """What we cook today."""
        return "soup"

    @agent.tool(idempotent=True, timeout_s=3)
    async def prices() -> str:
        return "12"

    assert list(agent.tools) == ["menu", "prices"]
    assert (agent.tools["menu"].idempotent, agent.tools["menu"].timeout_s) == (False, 15)
    assert (agent.tools["prices"].idempotent, agent.tools["prices"].timeout_s) == (True, 3)
    assert asyncio.run(menu()) == "soup"
    assert asyncio.run(prices()) == "12"


def test_one_function_can_serve_two_agents() -> None:
    day, night = Agent(name="day"), Agent(name="night")

    async def menu() -> str:
        return "soup"

    day.tool(menu)
    night.tool(menu)

    assert day.tools.keys() == night.tools.keys() == {"menu"}


def test_a_bound_method_can_be_a_tool() -> None:
    class Kitchen:
        async def menu(self, day: str) -> str:
            return f"soup on {day}"

    agent = Agent()
    agent.tool(Kitchen().menu)

    assert list(agent.tools["menu"].parameters["properties"]) == ["day"]


def test_the_tools_cannot_be_changed_from_outside() -> None:
    tools: Any = Agent().tools

    with pytest.raises(TypeError):
        tools["menu"] = None


@pytest.mark.parametrize("name", ["end_call", "transfer_call"])
def test_the_names_of_the_built_in_tools_are_taken(name: str) -> None:
    async def tool() -> None: ...

    tool.__name__ = name

    with pytest.raises(AgentError, match=f"agent agent: {name} is the name of a built-in tool"):
        Agent().tool(tool)


def test_two_tools_of_one_name_are_refused() -> None:
    agent = Agent(name="desk")

    @agent.tool
    async def menu() -> None: ...

    with pytest.raises(AgentError, match="agent desk: there are two tools named menu"):
        agent.tool(menu)


def test_a_variant_keeps_the_tools_and_handlers_and_can_get_its_own() -> None:
    day = Agent(name="day")

    @day.tool
    async def menu() -> None: ...

    @day.on_digit
    async def pressed(digit: str, call: CallHandle) -> None: ...

    night = dataclasses.replace(day, name="night", greeting="Good evening.")

    @night.tool
    async def lights() -> None: ...

    assert list(night.tools) == ["menu", "lights"]
    assert night.digit_handler is pressed
    assert list(day.tools) == ["menu"]


async def test_pressed_keys_go_to_the_handler(call: CallHandle) -> None:
    agent = Agent()
    pressed = []

    @agent.on_digit
    async def on_digit(digit: str, call: CallHandle) -> None:
        pressed.append((digit, call.call_id))

    assert agent.digit_handler is on_digit
    await agent.digit_handler("#", call)
    assert pressed == [("#", "call-1")]


def test_without_handlers_there_are_none() -> None:
    assert Agent().digit_handler is None
    assert Agent().call_handler is None


def test_a_handler_must_be_async() -> None:
    def handler(call: CallHandle) -> None: ...

    wrong: Any = handler
    with pytest.raises(AgentError, match=r"on_call needs an async function, such as `async def on_call\(call\)`"):
        Agent().on_call(wrong)


def test_a_handler_must_take_what_it_is_given() -> None:
    async def pressed(digit: str) -> None: ...

    handler: Any = pressed
    with pytest.raises(AgentError, match="agent agent: on_digit needs a function that takes digit, call"):
        Agent().on_digit(handler)


def test_there_is_one_handler_of_each_kind() -> None:
    agent = Agent()

    @agent.on_call
    async def first(call: CallHandle) -> None: ...

    with pytest.raises(AgentError, match="there are two on_call handlers"):
        agent.on_call(first)


async def test_instructions_for_a_call_are_the_agents_own_without_a_handler(call: CallHandle) -> None:
    assert await Agent(instructions="Be brief.").instructions_for(call) == "Be brief."


@pytest.mark.parametrize(
    ("own", "extra", "whole"),
    [
        ("Be brief.", "The caller sits at table 7.", "Be brief.\n\nThe caller sits at table 7."),
        ("", "The caller sits at table 7.", "The caller sits at table 7."),
        ("Be brief.", "", "Be brief."),
        ("Be brief.", None, "Be brief."),
    ],
)
async def test_the_on_call_handler_adds_to_the_instructions(
    own: str, extra: str | None, whole: str, call: CallHandle
) -> None:
    agent = Agent(instructions=own)

    @agent.on_call
    async def brief(call: CallHandle) -> str | None:
        return extra

    assert await agent.instructions_for(call) == whole


async def test_an_on_call_handler_that_returns_something_else_is_told_so(call: CallHandle) -> None:
    agent = Agent()

    async def brief(call: CallHandle) -> Any:
        return {"table": 7}

    agent.on_call(brief)

    with pytest.raises(AgentError, match="on_call should return text or None, not dict"):
        await agent.instructions_for(call)


async def test_an_on_call_handler_cannot_hold_the_caller_up(call: CallHandle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_module, "ON_CALL_TIMEOUT_S", 0.01)
    agent = Agent()

    @agent.on_call
    async def brief(call: CallHandle) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await agent.instructions_for(call)
