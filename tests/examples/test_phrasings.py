"""All examples in calls of text: what is said becomes tool calls, and those have effects."""

from pathlib import Path

import pytest
from tests.dialogue.desks import role_of
from tests.examples.line import NOISE, Line, agent_of, effects
from tests.examples.phrasings import PHRASINGS, Phrasing

from offhook.agents.loading import load
from offhook.dialogue import manners
from offhook.dialogue.domain import read_domain
from offhook.dialogue.listening import listen_for
from offhook.recognisers.spoken import spoken

EXAMPLES = ("table_booking", "order_status", "call_transfer")


@pytest.mark.parametrize("phrasing", PHRASINGS, ids=str)
async def test_a_caller_gets_what_they_ask_for(phrasing: Phrasing, file: Path) -> None:
    line = Line(phrasing.example)
    await line.hears(*phrasing.lines)

    assert line.calls == [(name, dict(arguments)) for name, arguments in phrasing.calls]
    assert line.deeds == list(phrasing.deeds)
    assert effects(phrasing.example, file) == phrasing.rows


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_has_many_phrasings(example: str) -> None:
    assert sum(phrasing.example == example for phrasing in PHRASINGS) >= 10


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_recogniser_listens_for_each_word_of_the_phrasings(example: str) -> None:
    vocabulary = listen_for(read_domain(role_of(agent_of(example))))
    lines = [line for phrasing in PHRASINGS if phrasing.example == example for line in phrasing.lines]
    said = {word for line in lines if not line.startswith("#") for word in spoken(line).split()}

    assert said - set(vocabulary.words) == set()


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_can_be_served_by_its_name(example: str) -> None:
    agent = load(f"offhook.examples.{example}:agent")

    assert agent is agent_of(example)
    assert agent.greeting
    assert agent.instructions
    assert all(tool.description for tool in agent.tools.values())


def test_each_has_a_name_of_its_own() -> None:
    assert len({agent_of(example).name for example in EXAMPLES}) == len(EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_without_a_model_no_tool_is_left_out(example: str) -> None:
    assert read_domain(role_of(agent_of(example))).left_out == {}


@pytest.mark.parametrize("example", ["table_booking", "order_status"])
async def test_who_is_not_understood_twice_gets_another_try_and_then_a_goodbye(example: str) -> None:
    line = Line(example)

    assert await line.hears(NOISE) == f"{manners.NOT_UNDERSTOOD} {manners.SAY_IT_AGAIN}"
    assert (await line.hears(NOISE)).startswith(manners.STILL_NOT_UNDERSTOOD)
    assert line.deeds == []
    assert await line.hears(NOISE) == manners.GIVE_UP
    assert line.deeds == ["hung up"]


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize(
    "said", ["the cat sat on the mat", "what is the weather like", "je voudrais deux croissants", "blah blah"]
)
async def test_what_is_about_something_else_does_nothing(example: str, said: str) -> None:
    line = Line(example)

    assert (await line.hears(said)).startswith(manners.NOT_UNDERSTOOD)
    assert line.calls == []
