import pytest

from offhook.calls.tool_rounds import CALLS_LIMIT, ROUNDS_LIMIT, GoOn, ToolRounds


def a_round(rounds: ToolRounds, *call_ids: str) -> GoOn | None:
    for call_id in call_ids:
        rounds.wanted(call_id)
    rounds.reply_done()
    answers = [rounds.answered(call_id) for call_id in call_ids]
    assert answers[:-1] == [None] * (len(answers) - 1)
    return answers[-1]


def test_the_model_goes_on_when_the_reply_is_done_and_the_answer_is_in() -> None:
    rounds = ToolRounds()

    assert rounds.wanted("a")
    assert rounds.reply_done() is None
    assert rounds.answered("a") is GoOn.FREELY


def test_a_tool_may_answer_before_the_reply_is_done() -> None:
    rounds = ToolRounds()
    rounds.wanted("a")

    assert rounds.answered("a") is None
    assert rounds.reply_done() is GoOn.FREELY


def test_all_tools_of_a_reply_are_waited_for() -> None:
    rounds = ToolRounds()
    rounds.wanted("a")
    rounds.wanted("b")

    assert rounds.answered("b") is None
    assert rounds.reply_done() is None
    assert rounds.pending == {"a"}
    assert rounds.answered("a") is GoOn.FREELY


def test_a_reply_without_tools_asks_for_nothing() -> None:
    assert ToolRounds().reply_done() is None


def test_an_answer_counts_once() -> None:
    rounds = ToolRounds()
    a_round(rounds, "a")

    assert rounds.answered("a") is None
    assert rounds.answered("never called") is None


def test_it_is_busy_from_the_call_to_the_last_answer() -> None:
    rounds = ToolRounds()
    assert not rounds.busy

    rounds.wanted("a")
    rounds.answered("a")
    assert rounds.busy  # the reply is not done
    rounds.reply_done()
    assert not rounds.busy
    rounds.wanted("b")
    rounds.reply_done()
    assert rounds.busy
    rounds.answered("b")
    assert not rounds.busy


def test_a_model_that_only_calls_tools_has_to_speak() -> None:
    rounds = ToolRounds()

    went_on = [a_round(rounds, f"call {n}") for n in range(ROUNDS_LIMIT)]

    assert went_on == [GoOn.FREELY] * (ROUNDS_LIMIT - 1) + [GoOn.WITHOUT_TOOLS]
    assert rounds.wanted("one more") is False


def test_a_model_that_calls_too_many_at_once_is_refused() -> None:
    rounds = ToolRounds()

    allowed = [rounds.wanted(f"call {n}") for n in range(CALLS_LIMIT + 2)]

    assert allowed == [True] * CALLS_LIMIT + [False, False]


def test_what_was_refused_is_answered_all_the_same() -> None:
    rounds = ToolRounds()
    calls = [f"call {n}" for n in range(CALLS_LIMIT + 1)]

    assert a_round(rounds, *calls) is GoOn.WITHOUT_TOOLS


@pytest.mark.parametrize("limit", [ROUNDS_LIMIT, CALLS_LIMIT])
def test_a_word_of_the_caller_gives_it_its_tools_back(limit: int) -> None:
    rounds = ToolRounds()
    for n in range(limit):
        a_round(rounds, f"call {n}")

    rounds.caller_spoke()

    assert rounds.wanted("again") is True
    rounds.reply_done()
    assert rounds.answered("again") is GoOn.FREELY
