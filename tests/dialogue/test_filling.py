from typing import Any

import pytest
from tests.dialogue.desks import BISTRO, SHOP, SWITCHBOARD, TODAY
from tests.dialogue.unseen import BANK, PIZZERIA

from offhook.dialogue.domain import Intent, read_domain
from offhook.dialogue.filling import Filled, fill
from offhook.dialogue.port import Role, ToolSpec
from offhook.dialogue.slots import Surroundings
from offhook.dialogue.words import words


def _intent(role: Role, name: str) -> Intent:
    return read_domain(role).intents[name]


def _fill(intent: Intent, said: str, asked: str | None = None) -> Filled:
    return fill(intent, words(said), Surroundings(TODAY, evening=True), asked)


def _made_of(**properties: Any) -> Intent:
    tool = ToolSpec("rent_car", "Rent a car.", {"properties": properties, "required": list(properties)})
    return _intent(Role(tools=(tool,)), "rent_car")


BOOK = _intent(BISTRO, "book_table")
ADDRESS = _intent(SHOP, "change_address")
MESSAGE = _intent(SWITCHBOARD, "leave_message")
MONEY = _intent(BANK, "transfer_money")
RENT = _made_of(start_date={"type": "string", "format": "date"}, end_date={"type": "string", "format": "date"})


@pytest.mark.parametrize(
    ("intent", "said", "values"),
    [
        (BOOK, "for seven at seven on the seventh of december", {"guests": 7, "time": "19:00", "day": "2026-12-07"}),
        (BOOK, "at seven for seven", {"guests": 7, "time": "19:00"}),
        (BOOK, "for seven thirty", {"time": "19:30"}),
        (BOOK, "four people", {"guests": 4}),
        (BOOK, "tomorrow", {"day": "2026-11-19"}),
        (BOOK, "nothing of it", {}),
        (MONEY, "fifty euros to account one two three four", {"amount": 50.0, "to_account": "1234"}),
        (RENT, "from friday to sunday", {"start_date": "2026-11-20", "end_date": "2026-11-22"}),
        (RENT, "until sunday starting friday", {"start_date": "2026-11-20", "end_date": "2026-11-22"}),
        (RENT, "friday sunday", {"start_date": "2026-11-20", "end_date": "2026-11-22"}),
        (
            ADDRESS,
            "change the address of order one two three four five to twelve main street",
            {"order_number": "12345", "address": "twelve main street"},
        ),
        (ADDRESS, "i want to change the address of my order", {}),
    ],
)
def test_each_slot_gets_its_own_words(intent: Intent, said: str, values: dict[str, Any]) -> None:
    assert _fill(intent, said).values == values


@pytest.mark.parametrize(
    ("intent", "asked", "said", "value"),
    [
        (BOOK, "time", "seven", "19:00"),
        (BOOK, "guests", "seven", 7),
        (BOOK, "name", "schwarzenegger", "Schwarzenegger"),
        (BOOK, "name", "it's john malkovich", "John Malkovich"),
        (BOOK, "name", "the name is s m y t h e", "Smythe"),
        (MESSAGE, "message", "please tell them that i am late", "i am late"),
        (MESSAGE, "phone_number", "it is oh one seven two", "0172"),
        (ADDRESS, "address", "my address is ten downing street please", "ten downing street"),
    ],
)
def test_an_answer_may_be_bare(intent: Intent, asked: str, said: str, value: Any) -> None:
    assert _fill(intent, said, asked).values == {asked: value}


@pytest.mark.parametrize(
    ("intent", "asked", "said"),
    [
        (BOOK, "name", "the"),
        (BOOK, "name", "no that is all"),
        (BOOK, "name", "that is all"),
        (BOOK, "name", "my name is none"),
        (BOOK, "name", "nothing"),
        (BOOK, "name", "it"),
        (BOOK, "name", "i really do not know what you want from me"),
        (MESSAGE, "message", "um please"),
        (MESSAGE, "message", "please"),
        (BOOK, "guests", "blue"),
    ],
)
def test_what_is_no_answer_fills_nothing(intent: Intent, asked: str, said: str) -> None:
    assert _fill(intent, said, asked).values == {}


def test_a_number_beyond_its_limits_is_given_to_nobody() -> None:
    filled = _fill(BOOK, "a table for twelve people")

    assert filled.values == {}
    assert filled.beyond == ("guests",)


def test_a_slot_for_many_takes_them_all() -> None:
    intent = _made_of(extras={"type": "array", "items": {"enum": ["gps", "child_seat", "insurance"]}})

    assert _fill(intent, "with a child seat and insurance please").values == {"extras": ["child_seat", "insurance"]}


def test_a_word_in_passing_answers_yes() -> None:
    order = _intent(PIZZERIA, "order_pizza")

    assert _fill(order, "a large funghi with extra cheese").values["extra_cheese"] is True
    assert _fill(order, "a large funghi without extra cheese").values["extra_cheese"] is False
    assert "extra_cheese" not in _fill(order, "a large funghi").values
