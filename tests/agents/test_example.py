"""A restaurant's agent, written as its owner would, and the calls it gets."""

import json
import sys
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from offhook.agents.agent import Agent
from offhook.agents.builtin import offered_tools
from offhook.agents.handle import CallHandle
from offhook.agents.loading import load
from offhook.agents.policies import BargeIn, SilencePolicy, TurnDetection
from offhook.agents.routes import Routes


class Room(StrEnum):
    INSIDE = "inside"
    TERRACE = "terrace"


class Guest(BaseModel):
    name: str
    allergies: list[str] = []


@dataclass
class Booking:
    number: int
    on: date
    room: Room


BOOKINGS: dict[str, Booking] = {}

agent = Agent(
    name="front-desk",
    instructions="""
        You answer the phone of Luigi's, a small restaurant. Be brief.
        We are closed on Mondays.
    """,
    voice="marin",
    engine="openai",
    greeting="Hello, Luigi's, how can I help?",
    language="en",
    turn_detection=TurnDetection(kind="semantic", eagerness="high"),
    barge_in=BargeIn(hold_ms=200),
    silence=SilencePolicy(after_s=8, checks=1),
    max_call_s=600,
    transfer_to=["+4930123456"],
)


@agent.on_call
async def brief(call: CallHandle) -> str | None:
    known = BOOKINGS.get(call.caller)
    return f"The caller has a table on {known.on}." if known else None


@agent.on_digit
async def pressed(digit: str, call: CallHandle) -> None:
    if digit == "0":
        await call.transfer("+4930123456")


@agent.tool(timeout_s=5)
async def book_table(
    on: date,
    guests: Annotated[list[Guest], Field(min_length=1, max_length=8)],
    call: CallHandle,
    room: Room = Room.INSIDE,
) -> Booking:
    """Book a table.

    Ask for the names of all guests first.

    Args:
        on: the day, which must not be in the past
        guests: everyone who comes
        room: where they want to sit
    """
    if call.caller in BOOKINGS:
        raise LookupError("duplicate key value violates unique constraint booking_caller")
    booking = Booking(len(BOOKINGS) + 1, on, room)
    BOOKINGS[call.caller] = booking
    call.tell("The kitchen has seen the booking.")
    return booking


@agent.tool(idempotent=True)
async def dish_of_the_day() -> str:
    """What we cook today."""
    return "Ossobuco."


@pytest.fixture(autouse=True)
def _an_empty_book() -> None:
    BOOKINGS.clear()


def test_the_model_is_offered_the_tools() -> None:
    tools = offered_tools(agent)

    assert list(tools) == ["book_table", "dish_of_the_day", "end_call", "transfer_call"]
    assert tools["book_table"].description == "Book a table.\n\nAsk for the names of all guests first."
    assert tools["book_table"].parameters == {
        "type": "object",
        "properties": {
            "on": {"type": "string", "format": "date", "description": "the day, which must not be in the past"},
            "guests": {
                "type": "array",
                "minItems": 1,
                "maxItems": 8,
                "description": "everyone who comes",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string"},
                        "allergies": {"type": "array", "items": {"type": "string"}, "default": []},
                    },
                    "required": ["name"],
                    "additionalProperties": False,
                },
            },
            "room": {
                "type": "string",
                "enum": ["inside", "terrace"],
                "default": "inside",
                "description": "where they want to sit",
            },
        },
        "required": ["on", "guests"],
        "additionalProperties": False,
    }
    json.dumps([tool.parameters for tool in tools.values()])


async def test_a_caller_books_a_table_and_is_known_the_next_time(call: CallHandle, deeds: list[str]) -> None:
    tools = offered_tools(agent)
    assert (await agent.instructions_for(call)).endswith("We are closed on Mondays.")

    forgot = await tools["book_table"].run('{"on": "next friday", "room": "roof"}', call)
    booked = await tools["book_table"].run(
        '{"on": "2027-01-15", "guests": [{"name": "Ann"}, {"name": "Bob", "allergies": ["nuts"]}], "room": "terrace"}',
        call,
    )
    bye = await tools["end_call"].run("", call)

    assert forgot.status == "refused"
    assert "on should be a valid date" in forgot.output
    assert "guests is missing" in forgot.output
    assert "room should be 'inside' or 'terrace', not 'roof'" in forgot.output
    assert json.loads(booked.output) == {"number": 1, "on": "2027-01-15", "room": "terrace"}
    assert bye.status == "done"
    assert deeds == ["told The kitchen has seen the booking.", "hung up"]
    assert (await agent.instructions_for(call)).endswith("The caller has a table on 2027-01-15.")


async def test_a_database_that_complains_is_not_quoted_to_the_caller(call: CallHandle) -> None:
    arguments = '{"on": "2027-01-15", "guests": [{"name": "Ann"}]}'
    await agent.tools["book_table"].run(arguments, call)
    again = await agent.tools["book_table"].run(arguments, call)

    assert again.status == "failed"
    assert "constraint" not in again.output
    assert "constraint" in str(again.error)


async def test_a_caller_who_presses_zero_gets_a_person(call: CallHandle, deeds: list[str]) -> None:
    assert agent.digit_handler is not None
    await agent.digit_handler("0", call)

    assert deeds == ["transferred to +4930123456"]


def test_the_agent_is_loaded_and_answers_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    front_desk = load(f"{__name__}:agent")
    routes = Routes(Agent(), {"+4930222222": front_desk})

    assert front_desk is agent
    assert routes.agent_for("+4930222222") is agent
    assert routes.named("front-desk") is agent
