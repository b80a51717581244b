"""The port, as a session uses it: histories that are cut, changed, handed over, and replies that are asked for."""

import json
from collections.abc import Sequence

from tests.dialogue.desks import BISTRO, SWITCHBOARD, TODAY, bistro
from tests.dialogue.phone import Phone

from offhook.calls import asked
from offhook.dialogue import manners
from offhook.dialogue.domain import read_domain
from offhook.dialogue.port import (
    ANY_REPLY,
    Act,
    AgentTurn,
    CallerTurn,
    CallTool,
    Dialogue,
    Done,
    Entry,
    Note,
    Request,
    Role,
    ToolAnswered,
    ToolCalled,
    Words,
)
from offhook.dialogue.rules import Rules
from offhook.dialogue.state import Phase

BOOKING: list[Entry] = [
    CallerTurn("i would like to book a table for four on friday"),
    AgentTurn("At what time?"),
    CallerTurn("at seven"),
    AgentTurn("What is your name?"),
]


def _rules(role: Role = BISTRO) -> Rules:
    return Rules(role, today=lambda: TODAY)


async def _acts(history: Sequence[Entry], request: Request = ANY_REPLY, role: Role = BISTRO) -> list[Act]:
    dialogue: Dialogue = _rules(role)
    return [act async for act in dialogue.reply(history, request)]


async def _said(history: Sequence[Entry], request: Request = ANY_REPLY, role: Role = BISTRO) -> str:
    return "".join(act.text for act in await _acts(history, request, role) if isinstance(act, Words))


async def test_a_reply_is_words_and_calls_and_ends_with_done() -> None:
    acts = await _acts([*BOOKING, CallerTurn("ann")])

    (call, done) = acts
    assert isinstance(call, CallTool)
    assert call.name == "book_table"
    assert json.loads(call.arguments) == {"guests": 4, "day": "2026-11-20", "time": "19:00", "name": "Ann"}
    assert done == Done()


async def test_a_domain_that_was_read_already_is_talked_of_and_not_read_anew() -> None:
    read = read_domain(BISTRO)
    rules = Rules(Role(), domain=read, today=lambda: TODAY)

    assert rules.domain is read
    assert [act async for act in rules.reply(BOOKING[:-1])] == [Words("What is your name?"), Done()]


async def test_every_call_has_an_id_of_its_own() -> None:
    history = [*BOOKING, CallerTurn("ann")]
    ids = {act.call_id for _ in range(3) for act in await _acts(history) if isinstance(act, CallTool)}

    assert len(ids) == 3


async def test_another_session_goes_on_where_the_first_one_stopped() -> None:
    assert await _said(BOOKING[:-1]) == "What is your name?"
    assert await _said(BOOKING) == "What is your name?"
    assert _rules().state(BOOKING) == _rules().state([*BOOKING[:2], *BOOKING[2:]])


async def test_a_history_that_grew_is_read_on_and_one_that_changed_is_read_anew() -> None:
    rules = _rules()
    rules.state(BOOKING)
    grown = rules.state([*BOOKING, CallerTurn("ann")])
    changed = rules.state([CallerTurn("book a table for two"), *BOOKING[1:], CallerTurn("ann")])

    assert grown == _rules().state([*BOOKING, CallerTurn("ann")])
    assert changed.task is not None
    assert changed.task.values["guests"] == 2


async def test_a_reply_that_was_not_heard_is_given_again() -> None:
    history: list[Entry] = [CallerTurn("are you open on sunday"), ToolCalled("c", "opening_hours", '{"day": "sunday"}')]
    history.append(ToolAnswered("c", "We are closed on Sundays."))

    assert await _said(history) == await _said(history) == "We are closed on Sundays."


async def test_of_a_reply_that_was_cut_the_whole_is_repeated() -> None:
    history: list[Entry] = [
        CallerTurn("what can you do"),
        AgentTurn("I can book a"),
        CallerTurn("what did you say"),
    ]

    assert await _said(history) == "I can book a table, cancel a booking or tell you when the restaurant is open."


async def test_what_another_dialogue_did_before_can_be_gone_on_with() -> None:
    history: list[Entry] = [
        CallerTurn("sind sie am sonntag offen"),
        ToolCalled("c", "opening_hours", '{"day": "sunday"}'),
        ToolAnswered("c", "We are closed on Sundays."),
        AgentTurn("Wir haben sonntags geschlossen."),
        CallerTurn("and on friday"),
    ]
    acts = await _acts(history)

    assert isinstance(acts[0], CallTool)
    assert json.loads(acts[0].arguments) == {"day": "weekday"}


async def test_broken_pieces_of_a_history_do_not_stop_it() -> None:
    history: list[Entry] = [
        ToolAnswered("nobody", "x"),
        ToolCalled("a", "unknown", "{"),
        ToolAnswered("a", "done"),
        ToolCalled("b", "book_table", "[]"),
        AgentTurn(""),
        Note("the kitchen has seen it"),
        CallerTurn("hello"),
    ]

    assert await _said(history)


# ---- replies that are asked for ------------------------------------------------------------------------------------


async def test_the_gateways_greeting_is_said_word_for_word() -> None:
    request = Request(asked.greet("Bistro Lumière, good evening!"), tools=False)

    assert await _said([], request) == "Bistro Lumière, good evening!"


async def test_without_words_of_its_own_the_agent_greets() -> None:
    assert await _said([]) == "Bistro Lumière, good evening!"
    assert await _said([], role=SWITCHBOARD) == manners.GREETING


async def test_who_is_asked_if_they_are_there_hears_the_question_again() -> None:
    request = Request(asked.ARE_YOU_THERE, tools=False)

    assert await _said(BOOKING, request) == "Are you still there? What is your name?"


async def test_a_yes_to_being_there_books_nothing() -> None:
    phone = Phone(bistro)
    await phone.says("book a table for four on friday at seven")
    await phone.replies(Request(asked.ARE_YOU_THERE, tools=False))

    assert await phone.says("yes") == f"{manners.NOT_UNDERSTOOD} What is your name?"
    assert phone.calls == []


async def test_after_a_lost_line_it_goes_on_where_it_was() -> None:
    request = Request(asked.LINE_WAS_LOST)
    answered: list[Entry] = [CallerTurn("are you open"), AgentTurn("On which day?"), CallerTurn("sunday")]

    assert await _said(BOOKING, request) == f"{manners.LINE_WAS_LOST} What is your name?"
    assert await _said([AgentTurn("Hello there.")], request) == f"{manners.LINE_WAS_LOST} {manners.WHAT_CAN_I_DO}"
    assert isinstance((await _acts(answered, request))[1], CallTool)


async def test_goodbyes_of_the_gateway_call_no_tool() -> None:
    for instructions in (asked.NOBODY_ANSWERS, asked.TIME_IS_UP):
        acts = await _acts(BOOKING, Request(instructions, tools=False))

        assert not any(isinstance(act, CallTool) for act in acts)
        assert "oodbye" in "".join(act.text for act in acts if isinstance(act, Words))


async def test_without_tools_only_words_are_said() -> None:
    history = [*BOOKING, CallerTurn("ann")]

    assert await _acts(history, Request(tools=False)) == [Words(manners.NOT_NOW), Done()]


async def test_instructions_for_a_model_are_left_aside() -> None:
    assert await _said(BOOKING, Request("Be especially kind to this caller.")) == "What is your name?"


async def test_after_hanging_up_nothing_is_said() -> None:
    phone = Phone(bistro)
    await phone.says("goodbye")

    assert await phone.replies() == ""
    assert isinstance(phone.dialogue, Rules)
    assert phone.dialogue.state(phone.history).phase is Phase.LEAVING


async def test_a_reply_can_be_stopped_anywhere() -> None:
    rules = _rules()
    reply = rules.reply([CallerTurn("goodbye")])
    assert isinstance(await anext(reply), Words)
    await reply.aclose()

    assert [type(act) async for act in rules.reply([CallerTurn("goodbye")])] == [Words, CallTool, Done]


async def test_several_sentences_have_a_space_between_them() -> None:
    history: list[Entry] = [
        CallerTurn("are you open on sunday"),
        ToolCalled("a", "opening_hours", "{}"),
        ToolCalled("b", "opening_hours", "{}"),
        ToolAnswered("a", "One."),
        ToolAnswered("b", "Two."),
    ]

    assert await _said(history) == "One. Two."


async def test_strange_values_of_another_dialogue_do_not_stop_it() -> None:
    for arguments in ('{"guests": "four", "day": [1], "time": {"x": 1}, "name": null}', '{"guests": NaN}', "3"):
        history: list[Entry] = [
            ToolCalled("c", "book_table", arguments),
            ToolAnswered("c", "Done."),
            AgentTurn("Done."),
            CallerTurn("no for five"),
        ]

        assert "Is that right?" in await _said(history)
