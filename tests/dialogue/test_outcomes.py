"""What the gateway tells a model of its tools is held against the gateway itself: its wording may change."""

import asyncio
from typing import Annotated, Any

import pytest
from pydantic import Field
from tests.dialogue.desks import bistro
from tests.dialogue.phone import Phone

from offhook.agents.tool import Tool
from offhook.calls.toolbelt import TOO_MANY
from offhook.dialogue import manners
from offhook.dialogue.domain import read_domain
from offhook.dialogue.outcomes import Outcome, read_outcome
from offhook.dialogue.port import Role, ToolSpec
from offhook.engines.realtime.setup import OUTCOME_UNKNOWN


async def book_table(guests: Annotated[int, Field(le=8)], dish: str = "soup") -> Any:
    """Book a table."""
    if dish == "none":
        raise LookupError("no such dish")
    if dish == "slow":
        await asyncio.Event().wait()
    return object() if dish == "strange" else f"a table for {guests}"


async def _outcome(arguments: str, *, idempotent: bool = False) -> Outcome:
    tool = Tool.from_function(book_table, idempotent=idempotent, timeout_s=0.01)
    domain = read_domain(Role(tools=(ToolSpec(tool.name, tool.description, tool.parameters),)))
    output = (await tool.run(arguments, Phone(bistro))).output
    return read_outcome(tool.name, output, domain.intents[tool.name])


async def test_what_a_tool_returns_is_told() -> None:
    assert await _outcome('{"guests": 4}') == Outcome("A table for 4.")


async def test_a_failure_is_told_without_the_words_for_a_model() -> None:
    assert await _outcome('{"guests": 4, "dish": "none"}') == Outcome(manners.UNCERTAIN, failed=True)
    assert await _outcome('{"guests": 4, "dish": "slow"}') == Outcome(manners.UNCERTAIN, failed=True)
    assert await _outcome('{"guests": 4, "dish": "none"}', idempotent=True) == Outcome(manners.FAILED, failed=True)


async def test_a_value_that_is_not_taken_is_named() -> None:
    assert await _outcome('{"guests": 12}') == Outcome(
        "I am sorry, the guests should be less than or equal to 8.", failed=True, wrong_slot="guests"
    )
    assert (await _outcome("{}")).failed
    assert (await _outcome("{")).text == manners.NOT_POSSIBLE


async def test_a_result_that_cannot_be_told_was_done() -> None:
    assert await _outcome('{"guests": 4, "dish": "strange"}') == Outcome(manners.DONE)


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (OUTCOME_UNKNOWN, manners.UNCERTAIN),
        (TOO_MANY, manners.NOT_NOW),
        ("There is no tool 'x'. Your tools: none.", manners.NOT_NOW),
        ("menu could not read its arguments, so nothing was done.", manners.FAILED),
    ],
)
def test_the_gateways_own_words_are_not_read_out(output: str, text: str) -> None:
    assert read_outcome("menu", output, None) == Outcome(text, failed=True)


@pytest.mark.parametrize(
    "output",
    ["menu was not carried out, because its arguments are not right: ???", "menu was not carried out, because its "
     "arguments are not right: soup is missing. Correct them, and ask the caller for what you do not know."],
)  # fmt: skip
def test_a_refusal_that_names_nothing_known_is_just_one(output: str) -> None:
    assert read_outcome("menu", output, None) == Outcome(manners.NOT_POSSIBLE, failed=True)


def test_a_result_may_begin_with_the_tools_name() -> None:
    assert read_outcome("menu", "menu of the day: soup", None) == Outcome("Menu of the day: soup.")
    assert read_outcome("menu", "", None) == Outcome(manners.DONE)
