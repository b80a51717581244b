"""What follows what in a conversation, told by what the caller hears."""

from typing import Annotated

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field
from tests.dialogue import corpus
from tests.dialogue.desks import bistro, role_of, shop, switchboard
from tests.dialogue.phone import Phone

from offhook.agents.agent import Agent
from offhook.dialogue import manners
from offhook.dialogue.courtesy import MISSES_LIMIT
from offhook.dialogue.port import CallerTurn, ToolAnswered, ToolCalled
from offhook.dialogue.rules import Rules

EvenRow = Annotated[int, Field(multiple_of=2)]


async def _talk(phone: Phone, *said: str) -> str:
    """The answer to the last sentence. ``~`` marks one that the recogniser does not believe, ``#`` keys."""
    answer = ""
    for sentence in said:
        if sentence.startswith("#"):
            answer = await phone.presses(sentence[1:])
        else:
            answer = await phone.says(sentence.removeprefix("~"), in_domain=not sentence.startswith("~"))
    return answer


@pytest.fixture
def phone() -> Phone:
    return Phone(bistro)


# ---- values --------------------------------------------------------------------------------------------------------


async def test_missing_values_are_asked_for_one_by_one(phone: Phone) -> None:
    assert await phone.says("book a table") == "How many people come?"
    assert await phone.says("four") == "On which day?"
    assert await phone.says("friday") == "At what time?"
    assert await phone.says("seven") == "What is your name?"
    assert phone.calls == []
    assert await phone.says("ann") == "A table for 4 is booked for Ann, on Friday at 19:00."


async def test_several_values_in_one_answer_are_all_taken(phone: Phone) -> None:
    assert await _talk(phone, "book a table", "four people on friday at seven") == "What is your name?"


async def test_a_value_may_be_corrected_while_another_is_asked_for(phone: Phone) -> None:
    await _talk(phone, "book a table for four on friday", "no for five", "at eight", "ann")

    assert phone.calls == [("book_table", {"guests": 5, "day": "2026-11-20", "time": "20:00", "name": "Ann"})]


async def test_a_value_beyond_its_limits_is_answered_with_the_limits(phone: Phone) -> None:
    assert await phone.says("a table for twelve people") == "It should be from 1 to 8. How many people come?"
    assert await phone.says("nine") == "It should be from 1 to 8. How many people come?"
    assert await phone.says("eight") == "On which day?"


async def test_a_question_is_no_answer(phone: Phone) -> None:
    await phone.says("book a table for four")

    assert manners.NOT_UNDERSTOOD in await phone.says("what is the weather like in london on friday")
    assert await phone.says("what about friday") == "At what time?"


async def test_who_does_not_know_is_told_that_it_is_needed(phone: Phone) -> None:
    assert await _talk(phone, "cancel my booking", "i don't know") == f"{manners.NEEDED} What is your name?"


async def test_a_yes_or_no_is_a_value() -> None:
    agent = Agent()

    @agent.tool
    async def order_tea(milk: bool) -> str:
        return "with milk" if milk else "black"

    assert await _talk(Phone(agent), "order tea", "yes please") == "With milk."
    assert await _talk(Phone(agent), "order tea", "no thanks") == "Black."
    assert await _talk(Phone(agent), "order tea", "#2") == "Black."
    assert await _talk(Phone(agent), "order tea with milk") == "With milk."


async def test_a_bool_that_is_not_answered_is_asked_for_again() -> None:
    agent = Agent()

    @agent.tool
    async def order_tea(milk: bool) -> str:
        return "with milk" if milk else "black"

    assert await _talk(Phone(agent), "order tea", "maybe") == f"{manners.NOT_UNDERSTOOD} Milk, yes or no?"


# ---- doubt ---------------------------------------------------------------------------------------------------------


async def test_what_was_understood_in_doubt_is_confirmed_first(phone: Phone) -> None:
    question = "You want to book a table for 4 on Friday, November 20 at 7 pm. Is that right?"

    assert await phone.says("for four on friday at seven") == question
    assert await phone.says("yes") == "What is your name?"


async def test_a_no_with_the_right_value_is_confirmed_again(phone: Phone) -> None:
    assert await _talk(phone, "for four on friday at seven", "no for five") == (
        "You want to book a table for 5 on Friday, November 20 at 7 pm. Is that right?"
    )


async def test_a_bare_no_is_asked_what_should_change(phone: Phone) -> None:
    assert await _talk(phone, "for four on friday at seven", "no") == manners.WHAT_TO_CHANGE
    assert await phone.says("on saturday") == (
        "You want to book a table for 4 on Saturday, November 21 at 7 pm. Is that right?"
    )


async def test_what_should_change_may_only_be_named(phone: Phone) -> None:
    assert await _talk(phone, "for four on friday at seven", "no", "the time") == "At what time?"


async def test_a_caller_who_wants_something_else_is_heard(phone: Phone) -> None:
    answer = await _talk(phone, "for four on friday at seven", "are you open on sunday")

    assert answer.startswith("We are closed on Sundays.")
    assert phone.calls == [("opening_hours", {"day": "sunday"})]


async def test_the_keys_say_yes_and_no(phone: Phone) -> None:
    assert await _talk(phone, "for four on friday at seven", "#1") == "What is your name?"
    assert await _talk(Phone(bistro), "for four on friday at seven", "#2") == manners.WHAT_TO_CHANGE


# ---- after a task --------------------------------------------------------------------------------------------------


async def test_a_question_may_be_asked_again_for_another_day(phone: Phone) -> None:
    await _talk(phone, "are you open on sunday", "and on friday", "what about tomorrow")

    assert [arguments["day"] for _, arguments in phone.calls] == ["sunday", "weekday", "weekday"]


async def test_what_was_done_is_not_done_again_without_a_yes(phone: Phone) -> None:
    await _talk(phone, "book a table for four on friday at seven", "ann")
    assert len(phone.calls) == 1

    answer = await phone.says("no for five")
    assert answer == "You want to book a table for 5 on Friday, November 20 at 7 pm for Ann. Is that right?"
    assert len(phone.calls) == 1

    await phone.says("yes")
    assert phone.calls[1][1]["guests"] == 5


async def test_a_question_in_between_does_not_lose_the_task(phone: Phone) -> None:
    answer = await _talk(phone, "book a table for four", "are you open on sunday")

    assert answer == "We are closed on Sundays. On which day?"
    assert await phone.says("then on friday") == "At what time?"


async def test_another_deed_takes_the_place_of_the_first(phone: Phone) -> None:
    await _talk(phone, "book a table for four", "i want to cancel my booking", "ann")

    assert phone.calls == [("cancel_booking", {"name": "Ann"})]
    assert (await phone.says("thank you")) == manners.WELCOME


async def test_results_that_came_while_the_caller_spoke_are_told_first(phone: Phone) -> None:
    phone.history += [
        CallerTurn("are you open on sunday"),
        ToolCalled("c1", "opening_hours", '{"day": "sunday"}'),
        ToolAnswered("c1", "We are closed on Sundays."),
        CallerTurn("and i want to book a table"),
    ]

    assert await phone.replies() == "We are closed on Sundays. How many people come?"


# ---- what everyone says --------------------------------------------------------------------------------------------


async def test_help_tells_what_can_be_done_and_then_how_to_answer(phone: Phone) -> None:
    assert await phone.says("what can you do") == (
        "I can book a table, cancel a booking or tell you when the restaurant is open."
    )
    assert await _talk(phone, "book a table for four", "help") == (
        "Please say a day, such as tomorrow or Friday. On which day?"
    )


async def test_the_last_words_are_repeated(phone: Phone) -> None:
    await phone.says("are you open on sunday")

    assert await phone.says("could you repeat that please") == "We are closed on Sundays."
    assert await _talk(phone, "book a table", "pardon") == "How many people come?"
    assert await phone.presses("*") == "How many people come?"


async def test_never_mind_leaves_the_task(phone: Phone) -> None:
    assert await _talk(phone, "book a table", "never mind") == f"{manners.ALL_RIGHT} {manners.WHAT_ELSE}"
    assert await phone.says("four") != "On which day?"


async def test_thanks_and_hello_do_not_disturb_a_question(phone: Phone) -> None:
    assert await _talk(phone, "book a table", "thank you") == "How many people come?"
    assert await phone.says("hello") == "How many people come?"
    assert await Phone(bistro).says("hello") == manners.GREETING


async def test_goodbye_hangs_up_if_the_agent_may(phone: Phone) -> None:
    assert await phone.says("thank you goodbye") == manners.GOODBYE
    assert phone.deeds == ["hung up"]

    shy = Phone(Agent(can_hang_up=False))
    assert await shy.says("bye") == manners.GOODBYE
    assert shy.deeds == []


async def test_no_thank_you_after_a_task_is_a_goodbye(phone: Phone) -> None:
    assert await _talk(phone, "are you open on sunday", "no thank you that's all") == manners.GOODBYE


async def test_nobody_is_fetched_where_nobody_is(phone: Phone) -> None:
    answer = await phone.says("i want to speak to a human")

    assert answer.startswith(manners.NOBODY_HERE)
    assert phone.calls == []


async def test_a_caller_who_meets_a_failed_transfer_is_told() -> None:
    class Refusing(Phone):
        async def transfer(self, to: str) -> None:
            raise OSError

    refusing = Refusing(switchboard)

    assert await refusing.says("operator") == f"{manners.CONNECTING} {manners.UNCERTAIN}"
    assert (await refusing.says("connect me to sales")).startswith("Connected")


# ---- not understood ------------------------------------------------------------------------------------------------


async def test_it_says_so_then_helps_then_gives_up(phone: Phone) -> None:
    assert await phone.says("gnarf") == f"{manners.NOT_UNDERSTOOD} {manners.SAY_IT_AGAIN}"

    second = await phone.says("gnarf")
    assert second.startswith(manners.STILL_NOT_UNDERSTOOD)
    assert "You can press 1 to book a table" in second

    assert await phone.says("gnarf") == manners.GIVE_UP
    assert phone.deeds == ["hung up"]


async def test_a_question_is_asked_again_with_a_hint(phone: Phone) -> None:
    await phone.says("book a table for four")

    assert await phone.says("gnarf") == f"{manners.NOT_UNDERSTOOD} On which day?"
    assert await phone.says("gnarf") == (
        f"{manners.STILL_NOT_UNDERSTOOD} Please say a day, such as tomorrow or Friday. On which day?"
    )


async def test_a_word_understood_in_between_begins_the_count_anew(phone: Phone) -> None:
    for sentence in ("gnarf", "gnarf", "hello", "gnarf", "gnarf", "book a table", "gnarf", "gnarf", "four"):
        await phone.says(sentence)

    assert phone.deeds == []


async def test_an_agent_that_may_not_hang_up_starts_afresh() -> None:
    shy = Phone(Agent(can_hang_up=False))

    assert manners.CAN_NOT_HELP in await _talk(shy, *["gnarf"] * MISSES_LIMIT)
    assert await shy.says("gnarf") == f"{manners.NOT_UNDERSTOOD} {manners.SAY_IT_AGAIN}"


async def test_the_menu_that_was_offered_can_be_pressed(phone: Phone) -> None:
    assert await _talk(phone, "gnarf", "gnarf", "#3", "sunday") == "We are closed on Sundays."
    assert await _talk(Phone(bistro), "#3") == f"{manners.NOT_UNDERSTOOD} {manners.SAY_IT_AGAIN}"


# ---- tools ---------------------------------------------------------------------------------------------------------


async def test_a_value_that_the_tool_refuses_is_asked_for_again() -> None:
    agent = Agent()

    @agent.tool
    async def book_seat(row: EvenRow) -> str:
        return f"row {row}"

    phone = Phone(agent)

    answer = await _talk(phone, "book a seat", "thirteen")
    assert answer == "I am sorry, the row should be a multiple of 2. What is the row?"
    assert await phone.says("twelve") == "Row 12."


async def test_a_tool_that_refuses_everything_is_given_up() -> None:
    agent = Agent()

    @agent.tool
    async def book_seat(row: EvenRow) -> str:
        return f"row {row}"

    phone = Phone(agent)
    await _talk(phone, "book a seat", *["thirteen"] * 20)

    assert len(phone.calls) < 20


async def test_while_a_tool_is_at_work_the_caller_is_asked_for_a_moment() -> None:
    phone = Phone(shop)
    phone.history += [CallerTurn("where is my order"), ToolCalled("c1", "order_status", '{"order_number": "42719"}')]

    assert await phone.says("hello?") == manners.ONE_MOMENT
    assert await phone.says("", in_domain=False) == manners.ONE_MOMENT
    assert phone.calls == []


async def test_a_call_that_was_cut_off_before_it_was_made_can_still_be_changed(phone: Phone) -> None:
    # The caller went on speaking, so the reply to the first turn was never given.
    phone.history += [CallerTurn("book a table for four on friday at seven under the name ann")]
    await phone.says("no for five")

    assert await phone.says("yes") == "A table for 5 is booked for Ann, on Friday at 19:00."
    assert len(phone.calls) == 1


async def test_noise_does_not_lose_a_call_that_was_about_to_be_made(phone: Phone) -> None:
    phone.history += [CallerTurn("book a table for four on friday at seven under the name ann")]
    await phone.says("", in_domain=False)

    assert len(phone.calls) == 1


# ---- whatever is said ----------------------------------------------------------------------------------------------

_PIECES = sorted(
    {word for text in (corpus.BISTRO, corpus.SWITCHBOARD, corpus.OUT_OF_DOMAIN) for word in text.split()[:400]}
    | {"yes", "no", "help", "repeat", "goodbye", "never mind", "operator", "seven", "#"}
)
_HOW = st.sampled_from(["says", "says", "says", "noise", "keys"])
_TURNS = st.tuples(_HOW, st.lists(st.sampled_from(_PIECES), max_size=6))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(turns=st.lists(_TURNS, max_size=12), agent=st.sampled_from([bistro, switchboard, shop]))
async def test_any_conversation_goes_on_and_can_be_read_again(turns: list[tuple[str, list[str]]], agent: Agent) -> None:
    phone = Phone(agent)
    for how, pieces in turns:
        said = " ".join(pieces)
        if how == "keys":
            await phone.presses(str(len(pieces)))
        elif not await phone.says(said, in_domain=how == "says"):
            assert phone.deeds, "silence without having hung up"

    rules = phone.dialogue
    assert isinstance(rules, Rules)
    again = Rules(role_of(agent), today=rules.today)
    assert again.state(phone.history) == rules.state(phone.history)
