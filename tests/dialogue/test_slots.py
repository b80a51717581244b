from typing import Any

import pytest
from tests.dialogue.desks import TODAY

from offhook.dialogue.parameters import read_parameters
from offhook.dialogue.slots import Slot, Surroundings, spans
from offhook.dialogue.words import words

AROUND = Surroundings(TODAY)


def _slot(name: str = "it", **schema: Any) -> Slot:
    return read_parameters({"properties": {name: schema}, "required": [name]}).slots[0]


def _best(slot: Slot, said: str, *, asked: bool = False) -> Any:
    found = [span for span in spans(slot, words(said), AROUND, asked=asked) if span.fits]
    return max(found, key=lambda span: span.strength).value if found else None


GUESTS = _slot("guests", type="integer", minimum=1, maximum=8)
DAYS = _slot("day", enum=["mon", "tue", "sunday"])
OPENING = _slot("day", enum=["weekday", "saturday", "sunday"])
PIZZA = _slot("pizza", enum=["margherita", "four_seasons", "Quattro Formaggi"])
PIN = _slot("pin", type="string", pattern=r"^\d{4}$")
ORDER = _slot("order_number", type="string")
AMOUNT = _slot("amount", type="number")


@pytest.mark.parametrize(
    ("slot", "said", "value"),
    [
        (GUESTS, "a table for four", 4),
        (GUESTS, "we are five people at table two", 5),
        (GUESTS, "a party of six", 6),
        (GUESTS, "a table", None),
        (GUESTS, "for nine people", None),
        (_slot("room_number", type="integer"), "room number four two seven", 427),
        (AMOUNT, "fifty euros please", 50.0),
        (AMOUNT, "three point five", 3.5),
        (DAYS, "on tuesday", "tue"),
        (DAYS, "on sundays", "sunday"),
        (DAYS, "on friday", None),
        (OPENING, "on wednesday", "weekday"),
        (OPENING, "tomorrow", "weekday"),
        (OPENING, "in three days", "saturday"),
        (OPENING, "on the weekend", None),
        (PIZZA, "one margarita please", "margherita"),
        (PIZZA, "the four seasons", "four_seasons"),
        (PIZZA, "quatro formaggi", "Quattro Formaggi"),
        (PIZZA, "a salad", None),
        (PIN, "one two three four", "1234"),
        (PIN, "one two three", None),
        (ORDER, "order number four two", "42"),
        (ORDER, "for four people", None),
        (_slot("order_number", type="string", pattern=r"^\d{5}$"), "cancel my order to oh nine six four", "20964"),
        (_slot("order_number", type="string", pattern=r"^\d{5}$"), "change it to four oh nine six four", "40964"),
        (_slot("when", type="string", format="date"), "on friday", "2026-11-20"),
        (_slot("day", type="string"), "next friday evening", "next friday"),
        (_slot("at", type="string", format="time"), "at half past seven", "19:30"),
        (_slot("time", type="string"), "at seven", "19:00"),
        (_slot("time", type="string"), "seven of us", None),
        (_slot("name", type="string"), "my name is john smith", "John Smith"),
        (_slot("name", type="string"), "this is maria speaking", "Maria"),
        (_slot("name", type="string"), "under the name of miller please", "Miller"),
        (_slot("name", type="string"), "this is great", None),
        (_slot("name", type="string"), "the name cancel", None),
        (_slot("vegetarian", type="boolean"), "a vegetarian menu", True),
        (_slot("vegetarian", type="boolean"), "not vegetarian", False),
        (_slot("vegetarian", type="boolean"), "a menu", None),
        (_slot("size", enum=[1, 2, 3]), "number two", 2),
    ],
)
def test_a_value_is_found_in_a_sentence(slot: Slot, said: str, value: Any) -> None:
    assert _best(slot, said) == value


def test_a_bare_number_is_an_answer_only_when_it_was_asked_for() -> None:
    time = _slot("time", type="string")

    assert _best(time, "seven") is None
    assert _best(time, "seven", asked=True) == "19:00"
    assert _best(ORDER, "four two") is None
    assert _best(ORDER, "four two", asked=True) == "42"


def test_a_value_beyond_its_limits_is_found_and_marked() -> None:
    (span,) = spans(GUESTS, words("for twelve people"), AROUND)

    assert (span.value, span.fits) == (12, False)


def test_a_span_covers_its_cue_and_its_unit() -> None:
    (span,) = spans(GUESTS, words("a table for about four people please"), AROUND)

    assert (span.start, span.end) == (2, 6)


def test_only_the_whole_run_of_digits_is_a_number() -> None:
    assert [span.value for span in spans(ORDER, words("number four two seven one nine"), AROUND)] == ["42719"]
