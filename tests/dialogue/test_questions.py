from typing import Any

import pytest
from tests.dialogue.desks import BISTRO, SHOP, SWITCHBOARD
from tests.dialogue.unseen import BANK, GARAGE, PIZZERIA

from offhook.dialogue import questions
from offhook.dialogue.domain import read_domain
from offhook.dialogue.parameters import read_parameters
from offhook.dialogue.port import Role
from offhook.dialogue.slots import Slot

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}


def _slot(name: str, schema: dict[str, Any]) -> Slot:
    return read_parameters({"properties": {name: schema}}).slots[0]


@pytest.mark.parametrize(
    ("name", "schema", "question"),
    [
        ("guests", INTEGER, "For how many guests?"),
        ("party_size", INTEGER, "For how many people?"),
        ("people", {**INTEGER, "description": "how many people come"}, "How many people come?"),
        ("people", {**INTEGER, "description": "how many people the caller brings"}, "For how many people?"),
        ("nights", INTEGER, "How many nights?"),
        ("room_number", INTEGER, "What is your room number?"),
        ("amount", {"type": "number"}, "How much?"),
        ("day", TEXT, "On which day?"),
        ("day", {"enum": ["mon", "tue"]}, "On which day?"),
        ("start_date", {**TEXT, "format": "date"}, "From which day?"),
        ("birth_date", {**TEXT, "format": "date"}, "What is the birth date?"),
        ("time", TEXT, "At what time?"),
        ("when", {**TEXT, "format": "date-time"}, "On which day?"),
        ("name", TEXT, "What is your name?"),
        ("first_name", TEXT, "What is your first name?"),
        ("phone_number", TEXT, "What is your phone number?"),
        ("size", {"enum": ["small", "large"]}, "Which size: small or large?"),
        ("size", {"enum": list("abcdef")}, "Which size?"),
        ("to", {"enum": ["sip:sales@x.example", "sip:help@x.example"]}, "Where to: sales or help?"),
        ("gift_wrapped", {"type": "boolean"}, "Gift wrapped, yes or no?"),
        ("message", TEXT, "What is the message?"),
        ("toppings", {"type": "array", "items": TEXT}, "What are the toppings?"),
    ],
)
def test_a_value_is_asked_for_in_natural_words(name: str, schema: dict[str, Any], question: str) -> None:
    assert questions.ask(_slot(name, schema)) == question


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({**INTEGER, "minimum": 1, "maximum": 8}, "It should be from 1 to 8."),
        ({**INTEGER, "maximum": 8}, "It should be at most 8."),
        ({**INTEGER, "minimum": 1}, "It should be at least 1."),
        ({**TEXT, "pattern": r"^\d{5}$"}, "It should have 5 digits."),
        ({**TEXT, "pattern": r"^\d{4,6}$"}, "It should have from 4 to 6 digits."),
        (INTEGER, "That is not possible."),
    ],
)
def test_limits_are_told(schema: dict[str, Any], told: str) -> None:
    assert questions.limits(_slot("it", schema)) == told


@pytest.mark.parametrize("role", [BISTRO, SHOP, SWITCHBOARD, BANK, GARAGE, PIZZERIA])
def test_every_slot_has_a_question_and_a_hint(role: Role) -> None:
    for intent in read_domain(role).intents.values():
        for slot in intent.slots:
            assert questions.ask(slot).endswith("?")
            assert questions.hint(slot).endswith(".")


def test_what_was_understood_is_said_before_it_is_done() -> None:
    book = read_domain(BISTRO).intents["book_table"]

    assert questions.confirm(book, {"guests": 4, "day": "2026-11-20", "time": "19:30", "name": "Ann"}) == (
        "You want to book a table for 4 on Friday, November 20 at 7:30 pm for Ann. Is that right?"
    )
    order = read_domain(PIZZERIA).intents["order_pizza"]
    assert questions.confirm(order, {"pizza": "four_seasons", "extra_cheese": True}) == (
        "You want to order a pizza four seasons extra cheese: yes. Is that right?"
    )


def test_what_the_agent_can_do_is_told() -> None:
    assert questions.abilities(read_domain(BISTRO)) == (
        "I can book a table, cancel a booking or tell you when the restaurant is open."
    )
    assert questions.abilities(read_domain(SWITCHBOARD)) == (
        "I can connect you, leave a message or connect you to someone."
    )
    assert questions.abilities(read_domain(Role())) == "I am sorry, there is nothing that I can do for you here yet."


def test_examples_are_sentences_that_would_be_understood() -> None:
    assert questions.examples(read_domain(BISTRO)) == (
        "You can say, for example: “Book a table for four on friday” or “Cancel a booking”."
    )
    assert questions.examples(read_domain(Role())) == ""


def test_at_most_nine_things_are_on_the_keys() -> None:
    assert questions.menu(["for sales", "to book a table"]) == "You can press 1 for sales or 2 to book a table."
    assert "10" not in questions.menu([f"for {n}" for n in "abcdefghijk"])
