import pytest

from offhook.loadtest.far_end.prompter import Prompter, sentence
from offhook.loadtest.far_end.script import Reply, Script, ToolCall
from offhook.realtime_server.conversation import Conversation
from offhook.wires.openai_realtime.items import function_call, function_call_output, user_text

GREETED = Script(greeting=Reply("Hello."), replies=(Reply("One."), Reply("Two.")))


def conversation(*names: str) -> Conversation:
    conversation = Conversation("conv_1")
    for name in names:
        conversation.add(user_text(name, name))
    return conversation


def test_turns_get_the_replies_in_order_and_then_again() -> None:
    prompter = Prompter(GREETED)

    assert [prompter.for_turn().text for _ in range(3)] == ["One.", "Two.", "One."]


def test_after_the_last_a_stock_answer_can_follow_for_good() -> None:
    prompter = Prompter(Script(replies=(Reply("One."),), after_last=Reply("That is all.")))

    assert [prompter.for_turn().text for _ in range(3)] == ["One.", "That is all.", "That is all."]


@pytest.mark.parametrize("instructions", [None, "Greet the caller.", 'Say: "Good evening, this is the bakery."'])
def test_the_first_request_is_answered_by_the_greeting(instructions: str | None) -> None:
    assert Prompter(GREETED).for_request(instructions, conversation()).text == "Hello."


def test_the_greeting_is_given_once() -> None:
    prompter = Prompter(GREETED)
    prompter.for_request(None, conversation())

    assert prompter.for_request(None, conversation()).text == "One."


def test_a_conversation_that_is_taken_up_again_is_not_greeted() -> None:
    assert Prompter(GREETED).for_request(None, conversation("a")).text == "One."


def test_instructions_are_said_when_no_greeting_is_due() -> None:
    reply = Prompter(Script()).for_request('Say "Are you still there?" and wait.', conversation())

    assert reply.text == "Are you still there?"
    assert reply.sound


def test_a_request_after_the_clients_own_commit_counts_as_a_turn() -> None:
    prompter = Prompter(GREETED)

    assert [prompter.for_request(None, conversation("a")).text for _ in range(2)] == ["One.", "Two."]


def test_the_results_of_tools_get_the_reply_that_waits_for_them() -> None:
    prompter = Prompter(GREETED)
    calling = Reply(tool_calls=(ToolCall("a"), ToolCall("b")), after_tools=Reply("Found."))
    talk = conversation("x")
    talk.add(function_call("c1", "a", "{}", "f1"))
    talk.add(function_call("c2", "b", "{}", "f2"))
    prompter.called(("c1", "c2"), calling)

    talk.add(function_call_output("c1", "1", "r1"))
    assert prompter.for_request(None, talk).text == "One."

    talk.add(function_call_output("c2", "2", "r2"))
    assert prompter.for_request(None, talk).text == "Found."
    assert prompter.for_request(None, talk).text == "Two."


def test_without_a_reply_for_the_results_the_script_goes_on() -> None:
    prompter = Prompter(GREETED)
    talk = conversation("x")
    talk.add(function_call("c1", "a", "{}", "f1"))
    talk.add(function_call_output("c1", "1", "r1"))
    prompter.called(("c1",), Reply(tool_calls=(ToolCall("a"),)))

    assert prompter.for_request("ignored", talk).text == "One."


@pytest.mark.parametrize(
    ("instructions", "said"),
    [
        ("Say exactly: “Good morning.”", "Good morning."),
        ("Say 'Welcome to the bakery' to the caller", "Welcome to the bakery"),
        ("Don't say what you can't do", "Don't say what you can't do"),
        ("  Good evening.  ", "Good evening."),
        ('Not "no", but "yes, of course".', "yes, of course"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_the_sentence_in_instructions_is_found(instructions: str, said: str) -> None:
    assert sentence(instructions) == said
