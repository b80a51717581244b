from typing import Any

import pytest

from offhook.dialogue.parameters import read_parameters
from offhook.dialogue.phrasing import PHRASES_LIMIT, Phrasing, phrase

INTEGER = {"type": "integer"}
TEXT = {"type": "string"}
DAY = {"enum": ["mon", "tue"]}


def _phrase(name: str, description: str = "", **properties: Any) -> Phrasing:
    return phrase(name, description, read_parameters({"properties": properties}).slots)


@pytest.mark.parametrize(
    ("name", "description", "does", "wants"),
    [
        ("book_table", "", "book a table", "book a table"),
        ("bookTable", "Book a table for tonight.", "book a table", "book a table"),
        ("cancel_orders", "", "cancel orders", "cancel orders"),
        ("cancel_booking", "Cancels the caller's booking.", "cancel your booking", "cancel your booking"),
        ("reserve", "Books a room in the hotel.", "reserve", "reserve"),
        ("go", "Schedule an appointment with a doctor.", "schedule an appointment", "schedule an appointment"),
        ("connect", "Connect the caller to a department.", "connect you", "be connected"),
        ("transfer", "Transfer the user to sales", "transfer you", "be transferred"),
        ("opening_hours", "", "tell you the opening hours", "know the opening hours"),
        ("opening_hours", "When we are open.", "tell you when we are open", "know when we are open"),
        ("get_weather", "Returns the weather in a city.", "tell you the weather", "know the weather"),
        ("order_status", "Look up an order.", "tell you the order status", "know the order status"),
        ("track_order", "", "track an order", "track an order"),
        ("menu", "What is on the menu.", "tell you what is on the menu", "know what is on the menu"),
        ("x", "", "tell you the x", "know the x"),
        ("", "", "tell you the answer", "know the answer"),
    ],
)
def test_a_tool_is_spoken_of_in_words(name: str, description: str, does: str, wants: str) -> None:
    phrasing = _phrase(name, description)

    assert phrasing.does == does
    assert phrasing.wants == wants


@pytest.mark.parametrize(
    ("name", "inquires"),
    [("book_table", False), ("track_order", True), ("order_status", True), ("transfer_money", False), ("menu", True)],
)
def test_only_asking_may_be_repeated_freely(name: str, inquires: bool) -> None:
    assert _phrase(name).inquires is inquires


def test_a_deed_is_asked_for_in_the_usual_ways() -> None:
    phrases = _phrase("book_table", "Book a table.", guests=INTEGER, time=TEXT).phrases

    for each in (
        "book a table",
        "i would like to book a table",
        "can i book a table",
        "please book a table",
        "reserve a table",
        "i would like a table",
        "book a table for {guests}",
        "book a table for {guests} people",
        "book a table for {guests} at {time}",
        "a table at {time} for {guests}",
    ):
        assert each in phrases


def test_a_thing_is_asked_for_in_the_usual_ways() -> None:
    phrases = _phrase("opening_hours", "When the restaurant is open on a day.", day=DAY).phrases

    for each in (
        "opening hours",
        "what are the opening hours",
        "tell me the opening hours",
        "opening hours on {day}",
        "when are you open on {day}",
        "when is the restaurant open",
    ):
        assert each in phrases


@pytest.mark.parametrize(
    ("description", "question"),
    [
        ("What we cook today.", "what do you cook today"),
        ("Whether a table is free.", "is a table free"),
    ],
)
def test_a_docstring_that_is_half_a_question_becomes_one(description: str, question: str) -> None:
    assert question in _phrase("it", description).phrases


def test_the_number_of_sentences_is_limited() -> None:
    many = {f"{name}_count": INTEGER for name in ("adult", "child", "dog", "cat", "bird", "fish")}

    assert len(_phrase("book_room", "", **many).phrases) <= PHRASES_LIMIT


@pytest.mark.parametrize("name", ["_", "__init__", "tool2", "a", "for", "the", "GET", "größe", "1"])
@pytest.mark.parametrize("description", ["", "the", ".", "of", "when", "if to", "Get", "Book", "the caller's", "🎉 !"])
def test_odd_names_and_docstrings_have_some_phrasing(name: str, description: str) -> None:
    phrasing = _phrase(name, description, of=TEXT, it=INTEGER)

    assert phrasing.does
    assert phrasing.wants
    assert all(phrasing.phrases)
