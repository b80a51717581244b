from collections.abc import Sequence

from offhook.dialogue.port import AgentTurn, CallerTurn, Note, ToolAnswered, ToolCalled
from offhook.realtime_server.conversation import Conversation, Entry
from offhook.speech.history import history
from offhook.wires.openai_realtime import items
from offhook.wires.openai_realtime.items import Item, Part


def entries(*told: Item) -> Sequence[Entry]:
    conversation = Conversation("conv_1")
    for item in told:
        conversation.add(item)
    return conversation.entries


def test_every_kind_of_item_is_told_in_order() -> None:
    heard = Item("message", "spoken", "assistant", [Part("output_audio", transcript="Good")])
    told = entries(
        items.system_text("The line broke.", "note"),
        heard,
        items.user_text("A cake", "turn"),
        items.function_call("call_1", "bake", "{}", "call"),
        items.function_call_output("call_1", "Done.", "output"),
        items.assistant_text("It is done.", "agent"),
    )

    assert history(told) == [
        Note("The line broke."),
        AgentTurn("Good"),
        CallerTurn("A cake"),
        ToolCalled("call_1", "bake", "{}"),
        ToolAnswered("call_1", "Done."),
        AgentTurn("It is done."),
    ]


def test_a_turn_without_words_was_not_understood() -> None:
    assert history(entries(Item("message", "turn", "user", [Part("input_audio", transcript="")]))) == [
        CallerTurn("", in_domain=False)
    ]


def test_of_a_reply_nobody_heard_nothing_is_told() -> None:
    assert history(entries(Item("message", "cut", "assistant", [Part("output_audio", transcript="")]))) == []


def test_turns_that_are_to_be_answered_come_last() -> None:
    told = entries(items.user_text("One", "1"), items.user_text("Two", "2"), items.assistant_text("Yes?", "3"))

    assert history(told, ["2"]) == [CallerTurn("One"), AgentTurn("Yes?"), CallerTurn("Two")]
