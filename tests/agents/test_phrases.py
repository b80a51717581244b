import dataclasses
from typing import Any

import pytest

from offhook.agents.agent import Agent
from offhook.agents.handle import CallHandle
from offhook.agents.phrases import MAX_EXAMPLES, MAX_PHRASES, MAX_SENTENCE_CHARS
from offhook.agents.tool import Tool
from offhook.errors import AgentError


async def book_table(guests: int, day: str, call: CallHandle) -> str:
    """Book a table."""
    return f"{guests} on {day}, {call.caller}"


def test_a_tool_keeps_its_phrases_in_order_and_once() -> None:
    agent = Agent()
    agent.tool(phrases=["book a table for {guests} on {day}", " a table \n please ", "a table please"])(book_table)

    assert agent.tools["book_table"].phrases == ("book a table for {guests} on {day}", "a table please")


def test_a_tool_without_phrases_has_none() -> None:
    assert Tool.from_function(book_table).phrases == ()


def test_a_variant_of_an_agent_keeps_the_phrases() -> None:
    agent = Agent(examples=["what can you do"])
    agent.tool(phrases=("a table for {guests}",))(book_table)
    variant = dataclasses.replace(agent, name="night")

    assert variant.tools["book_table"].phrases == ("a table for {guests}",)
    assert variant.examples == ("what can you do",)


@pytest.mark.parametrize(
    ("phrases", "sentence"),
    [
        (
            ["book for {gests}"],
            "tool book_table: phrase 'book for {gests}': {gests} is no parameter of the tool; its parameters: "
            "guests, day",
        ),
        (["for {call}"], "{call} is no parameter of the tool"),
        (["for {}"], "{} is no parameter of the tool"),
        (["{day} and {day}"], "{day} more than once"),
        (["for {guests"], "has a brace without its partner"),
        (["for guests}"], "has a brace without its partner"),
        (["for {{guests}}"], "has a brace without its partner"),
        (["{guests}"], "needs at least one word beside its blanks"),
        ([" ?! "], "needs at least one word beside its blanks"),
        ([""], "needs at least one word beside its blanks"),
        (["x" * (MAX_SENTENCE_CHARS + 1)], f"is too long; a sentence has at most {MAX_SENTENCE_CHARS} characters"),
        ([f"table {n}" for n in range(MAX_PHRASES + 1)], f"there are {MAX_PHRASES + 1}, and at most {MAX_PHRASES}"),
        ("book a table", "tool book_table: phrases should be a list of sentences, not 'book a table'"),
        (None, "tool book_table: phrases should be a list of sentences, not null"),
        ([3], "tool book_table: a phrase should be text, not 3"),
    ],
)
def test_a_wrong_phrase_is_told_in_one_sentence(phrases: Any, sentence: str) -> None:
    with pytest.raises(AgentError) as caught:
        Agent().tool(phrases=phrases)(book_table)

    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_blank_needs_a_tool_with_parameters() -> None:
    async def menu() -> str:
        return "soup"

    with pytest.raises(AgentError, match="its parameters: none"):
        Agent().tool(phrases=["what is on the menu on {day}"])(menu)


def test_examples_are_kept_in_order_and_once() -> None:
    assert Agent(examples=["what can you do", "hello", "hello"]).examples == ("what can you do", "hello")
    assert Agent().examples == ()


@pytest.mark.parametrize(
    ("examples", "sentence"),
    [
        ("what can you do", "Agent: examples"),
        (["a table for {guests}"], "Agent: examples[0]: 'a table for {guests}' has a blank, and only a tool's phrases"),
        (["hello", ""], "Agent: examples[1]: '' has no words"),
        (["?"], "Agent: examples[0]: '?' has no words"),
        (["x" * (MAX_SENTENCE_CHARS + 1)], "is too long; a sentence has at most"),
        ([3], "Agent: examples[0] should be a valid string, not 3"),
        (["hello"] * (MAX_EXAMPLES + 1), f"Agent: examples should have at most {MAX_EXAMPLES} items"),
    ],
)
def test_a_wrong_example_is_told_in_one_sentence(examples: Any, sentence: str) -> None:
    with pytest.raises(AgentError) as caught:
        Agent(examples=examples)

    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
