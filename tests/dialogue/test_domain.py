from typing import Any

from tests.dialogue.desks import BISTRO, SWITCHBOARD
from tests.dialogue.unseen import GARAGE

from offhook.dialogue.domain import TOOLS_LIMIT, read_domain
from offhook.dialogue.hints import Hints
from offhook.dialogue.port import Role, ToolSpec

BROKEN: Any = ToolSpec("seat", "Seat guests.", {"properties": {"guests": {"type": "object"}}, "required": ["guests"]})


def test_an_agents_tools_are_what_can_be_asked_for() -> None:
    domain = read_domain(BISTRO)

    assert list(domain.intents) == ["book_table", "cancel_booking", "opening_hours"]
    assert domain.end_call == "end_call"
    assert domain.transfer is None
    assert domain.greeting == "Bistro Lumière, good evening!"
    assert domain.examples == ("what can you do",)
    assert domain.left_out == {}


def test_the_tool_that_transfers_is_kept_apart() -> None:
    domain = read_domain(SWITCHBOARD)

    assert domain.transfer is not None
    assert domain.transfer.name == "transfer_call"
    assert domain.transfer.parameters.arguments({}) == {"to": "sip:reception@example.com"}


def test_of_destinations_without_a_name_the_first_is_taken() -> None:
    tool = ToolSpec(
        "transfer_call", "", {"properties": {"to": {"enum": ["+4930123456", "+4930123457"]}}, "required": ["to"]}
    )
    domain = read_domain(Role(tools=(tool,)))

    assert domain.transfer is not None
    assert domain.transfer.parameters.arguments({}) == {"to": "+4930123456"}


def test_the_authors_phrases_come_first() -> None:
    book = read_domain(BISTRO).intents["book_table"]

    assert book.patterns[:2] == ("book a table for {guests} on {day}", "a table for {guests} at {time}")
    assert book.given == book.patterns[:2]
    assert "can i book a table for {guests} on {day}" in book.patterns


def test_a_phrase_with_a_date_and_time_in_one_blank_is_heard_with_both() -> None:
    role = Role(tools=GARAGE.tools, hints=Hints(phrases={"scheduleInspection": ("Check my car, {when}!",)}))

    assert read_domain(role).intents["scheduleInspection"].given == (
        "check my car {when.date} at {when.time}",
        "check my car {when.date}",
    )


def test_phrases_that_make_no_sense_are_left_out() -> None:
    phrases = ("for {nobody}", "{guests}", "??", "a {table", "for {guests}")
    role = Role(tools=BISTRO.tools, hints=Hints(phrases={"book_table": phrases, "other": ("x",)}))

    assert read_domain(role).intents["book_table"].given == ("for {guests}",)


def test_a_tool_that_no_words_can_fill_is_left_out_and_named() -> None:
    domain = read_domain(Role(tools=(BROKEN, *BISTRO.tools)))

    assert "seat" not in domain.intents
    assert domain.left_out == {"seat": "guests cannot be said: it is of type object"}


def test_the_agents_words_tell_whether_its_hours_are_those_of_the_evening() -> None:
    assert read_domain(Role("You answer for a restaurant.")).evening
    assert read_domain(Role(tools=(ToolSpec("x", "Book seats in the theatre."),))).evening
    assert not read_domain(Role("You answer for a dentist.")).evening


def test_an_agent_without_tools_has_a_domain_too() -> None:
    assert read_domain(Role()).intents == {}


def test_the_number_of_tools_is_limited() -> None:
    role = Role(tools=tuple(ToolSpec(f"tool_{number}") for number in range(TOOLS_LIMIT + 9)))

    assert len(read_domain(role).intents) == TOOLS_LIMIT


def test_schemas_of_the_wrong_shape_do_not_stop_it() -> None:
    wrong: Any
    for wrong in ([], None, {"properties": []}, {"properties": {"to": 3}, "required": 4}, {"required": ["to"]}):
        for name in ("transfer_call", "end_call", "menu"):
            parameters: Any = wrong if isinstance(wrong, dict) else {}
            read_domain(Role(tools=(ToolSpec(name, "", parameters),)))
