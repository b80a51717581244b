"""Whole calls in text: three agents as people would write them, and some that nobody thought of before."""

from datetime import date
from typing import Annotated, Any

import pytest
from pydantic import Field
from tests.dialogue import corpus
from tests.dialogue.desks import TODAY, bistro, role_of, shop, switchboard
from tests.dialogue.phone import Phone
from tests.dialogue.unseen import bank, garage, pizzeria

from offhook.agents.agent import Agent
from offhook.dialogue.rules import Rules

BOOKED = {"guests": 4, "day": "2026-11-20", "time": "19:30", "name": "Ann"}


@pytest.mark.parametrize(
    "said",
    [
        ["i would like to book a table for four people on friday at seven thirty", "my name is ann"],
        ["a table please", "we are four", "friday", "half past seven", "ann"],
        ["Hi, I'd like to reserve a table for 4 on Friday at 7:30 pm.", "Ann"],
        ["book a table under the name ann", "four people", "on friday evening at seven thirty"],
        ["do you have a table for four this friday", "at seven thirty please", "it is ann"],
        ["for four on friday at half past seven", "yes please", "this is ann"],
        ["i want to book a table for two on friday", "at half past seven for four", "for ann"],
        ["book a table for four tomorrow", "no on friday at seven thirty", "the name is ann"],
    ],
)
async def test_a_table_is_booked(said: list[str]) -> None:
    phone = Phone(bistro)
    for sentence in said:
        answer = await phone.says(sentence)

    assert phone.calls == [("book_table", BOOKED)]
    assert answer == "A table for 4 is booked for Ann, on Friday at 19:30."


@pytest.mark.parametrize(
    "said",
    [
        ["where is my order", "four two seven one nine"],
        ["what is the status of my order four two seven one nine"],
        ["where's my package", "my order number is four two seven one nine"],
        ["can you tell me the status of an order", "it is forty two seven one nine"],
        ["i want to know when my order arrives", "number 42719"],
        ["track my order", "#42719#"],
        ["has my order been sent", "four two seven", "sorry it is four two seven one nine"],
    ],
)
async def test_an_order_is_looked_up(said: list[str]) -> None:
    phone = Phone(shop)
    for sentence in said:
        answer = await (phone.presses(sentence[1:]) if sentence.startswith("#") else phone.says(sentence))

    assert phone.calls == [("order_status", {"order_number": "42719"})]
    assert answer.startswith("The order is 4 2 7 1 9, the status is on its way")


@pytest.mark.parametrize(
    "said",
    [
        ["connect me to support"],
        ["i would like to talk to support please"],
        ["can you put me through to the support department", "yes"],
        ["something is broken", "support"],
        ["i have a question about my bill", "sorry i meant support"],
        ["support please", "that's right"],
        ["something is broken", "#2"],
    ],
)
async def test_a_caller_is_connected(said: list[str]) -> None:
    phone = Phone(switchboard)
    for sentence in said:
        answer = await (phone.presses(sentence[1:]) if sentence.startswith("#") else phone.says(sentence))

    assert phone.calls == [("connect", {"department": "support"})]
    assert answer == "Connected to support."


@pytest.mark.parametrize(
    "said",
    [
        ["i want to speak to a human"],
        ["operator"],
        ["can i talk to a real person please"],
        ["~", "~", "~"],
        ["blah", "pffft", "the cat sat on the mat"],
        ["#0"],
        ["leave a message", "get me a human please"],
    ],
)
async def test_a_caller_who_wants_or_needs_a_person_gets_one(said: list[str]) -> None:
    phone = Phone(switchboard)
    for sentence in said:
        if sentence.startswith("#"):
            await phone.presses(sentence[1:])
        else:
            await phone.says(sentence.removeprefix("~"), in_domain=not sentence.startswith("~"))

    assert phone.calls == [("transfer_call", {"to": "sip:reception@example.com"})]
    assert phone.deeds == ["transferred to sip:reception@example.com"]


@pytest.mark.parametrize(
    ("agent", "said", "called"),
    [
        (
            garage,
            ["i need an inspection on monday at ten", "it is b a seven"],
            ("scheduleInspection", {"when": "2026-11-23T10:00:00", "plate": "b a seven"}),
        ),
        (
            garage,
            ["i want to schedule an inspection", "tomorrow", "nine o'clock", "blue van"],
            ("scheduleInspection", {"when": "2026-11-19T09:00:00", "plate": "blue van"}),
        ),
        (garage, ["how much are new brakes"], ("get_repair_price", {"part": "brakes"})),
        (garage, ["is my car ready", "twelve"], ("is_car_ready", {"job_number": 12})),
        (
            pizzeria,
            ["i would like a large margherita"],
            ("order_pizza", {"pizza": "margherita", "size": "large"}),
        ),
        (
            pizzeria,
            ["can i order a pizza", "four seasons", "small"],
            ("order_pizza", {"pizza": "four_seasons", "size": "small"}),
        ),
        (pizzeria, ["what's on the menu"], ("menu", {})),
        (bank, ["how much money do i have in my savings account"], ("account_balance", {"account": "savings"})),
        (bank, ["what is my balance", "checking"], ("account_balance", {"account": "checking"})),
        (
            bank,
            ["i want to send fifty euros to account one two three four"],
            ("transfer_money", {"amount": 50.0, "to_account": "1234"}),
        ),
        (bank, ["please block my card"], ("block_card", {})),
        (bank, ["connect me to cards please"], ("transfer_call", {"to": "sip:cards@bank.example"})),
    ],
)
async def test_agents_of_other_trades_work_as_well(
    agent: Agent, said: list[str], called: tuple[str, dict[str, Any]]
) -> None:
    phone = Phone(agent)
    for sentence in said:
        await phone.says(sentence)

    assert phone.calls == [called]


async def test_an_agent_written_a_moment_ago_works_without_a_phrase_or_a_docstring() -> None:
    agent = Agent()

    @agent.tool
    async def reserve_boat(hours: Annotated[int, Field(ge=1, le=4)], start: date) -> str:
        return f"{hours} hours from {start}"

    @agent.tool
    async def water_temperature() -> float:
        return 17.5

    phone = Phone(agent)

    assert await phone.says("what can you do") == "I can reserve a boat or tell you the water temperature."
    assert await phone.says("tell me the water temperature") == "17.5."
    assert await phone.says("i'd like to reserve a boat for nine hours") == "It should be from 1 to 4. How many hours?"
    assert await phone.says("two hours then") == "From which day?"
    assert await phone.says("on saturday") == "2 hours from 2026-11-21."
    assert phone.calls[-1] == ("reserve_boat", {"hours": 2, "start": "2026-11-21"})


@pytest.mark.parametrize("agent", [bistro, shop, switchboard, garage, pizzeria, bank], ids=lambda agent: agent.name)
async def test_rubbish_never_calls_a_tool(agent: Agent) -> None:
    rules = Rules(role_of(agent), today=lambda: TODAY)
    for sentence in corpus.OUT_OF_DOMAIN.strip().splitlines():
        phone = Phone(agent, rules)
        answer = await phone.says(sentence)

        assert phone.calls == [], sentence
        assert answer


@pytest.mark.parametrize("said", ["", "i would like to book a table for four", "yes", "goodbye", "operator"])
async def test_words_that_the_recogniser_does_not_believe_do_nothing(said: str) -> None:
    phone = Phone(bistro)

    assert await phone.says(said, in_domain=False) == (
        "I am sorry, I did not understand. Could you say it in other words?"
    )
    assert phone.calls == []
