from typing import Any

from tests.dialogue.desks import SHOP

from offhook.dialogue.chat_messages import (
    CALL_BEGINS,
    ENTRIES_LIMIT,
    NO_ANSWER_YET,
    NOT_UNDERSTOOD,
    ON_THE_TELEPHONE,
    messages,
    tools,
)
from offhook.dialogue.port import (
    ANY_REPLY,
    AgentTurn,
    CallerTurn,
    Entry,
    Note,
    Request,
    Role,
    ToolAnswered,
    ToolCalled,
)

ROLE = Role("Be brief.")


def _told(*history: Entry, request: Request = ANY_REPLY) -> list[dict[str, Any]]:
    """Without the system message."""
    return messages(ROLE, history, request)[1:]


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def _agent(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def test_the_instructions_come_first_with_a_word_about_the_telephone() -> None:
    assert messages(ROLE, [], ANY_REPLY)[0] == {"role": "system", "content": f"Be brief.\n\n{ON_THE_TELEPHONE}"}


def test_turns_are_messages() -> None:
    assert _told(CallerTurn("hello"), AgentTurn("Hi!"), CallerTurn("bye")) == [
        _user("hello"),
        _agent("Hi!"),
        _user("bye"),
    ]


def test_a_caller_always_begins() -> None:
    assert _told(AgentTurn("Hello!")) == [_user(CALL_BEGINS), _agent("Hello!")]
    assert _told() == [_user(CALL_BEGINS)]


def test_turns_of_one_side_become_one() -> None:
    assert _told(CallerTurn("book"), Note("The caller pressed 4."), CallerTurn("a table")) == [
        _user("book\n[The caller pressed 4.]\na table")
    ]
    assert _told(CallerTurn("x"), AgentTurn("One."), AgentTurn("Two."))[1:] == [_agent("One.\nTwo.")]


def test_what_was_not_understood_is_not_told_in_words() -> None:
    assert _told(CallerTurn("book a table", in_domain=False), CallerTurn(" ")) == [
        _user(f"{NOT_UNDERSTOOD}\n{NOT_UNDERSTOOD}")
    ]


def test_a_request_stands_in_brackets_at_the_end() -> None:
    assert _told(CallerTurn("hello"), request=Request("Say goodbye.")) == [
        _user("hello\n[For your next reply: Say goodbye.]")
    ]
    assert _told(request=Request("Greet.")) == [_user("[For your next reply: Greet.]")]


def test_a_tool_call_is_followed_by_its_answer() -> None:
    call = ToolCalled("c1", "order_status", '{"order_number": "42719"}')
    told = _told(
        CallerTurn("where is it"), AgentTurn("One moment."), call, ToolAnswered("c1", "sent"), AgentTurn("Sent.")
    )

    function = {"name": "order_status", "arguments": '{"order_number": "42719"}'}
    assert told == [
        _user("where is it"),
        {
            "role": "assistant",
            "content": "One moment.",
            "tool_calls": [{"id": "c1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "sent"},
        _agent("Sent."),
    ]


def test_answers_that_came_late_or_not_at_all_stand_behind_their_calls() -> None:
    told = _told(
        ToolCalled("c1", "a", "{}"),
        ToolCalled("c2", "b", "{"),
        CallerTurn("hello?"),
        ToolAnswered("c1", "late"),
        ToolAnswered("nobody", "lost"),
    )

    assert [message["role"] for message in told] == ["user", "assistant", "tool", "tool", "user"]
    assert [message["content"] for message in told[2:4]] == ["late", NO_ANSWER_YET]
    assert told[1]["tool_calls"][1]["function"]["arguments"] == "{}"


def test_of_a_long_conversation_the_end_is_told() -> None:
    told = _told(*(CallerTurn(str(n)) if n % 2 else AgentTurn(str(n)) for n in range(1_000)))

    assert len(told) <= ENTRIES_LIMIT + 1
    assert told[-1] == _user("999")


def test_tools_are_told_as_functions() -> None:
    told = tools(SHOP)

    assert [tool["function"]["name"] for tool in told] == ["order_status", "cancel_order", "change_address", "end_call"]
    assert told[0]["type"] == "function"
    assert told[0]["function"]["parameters"]["required"] == ["order_number"]
