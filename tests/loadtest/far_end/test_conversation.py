import pytest

from offhook.audio.formats import PCMU_8K
from offhook.loadtest.far_end.conversation import Conversation, sound_of
from offhook.loadtest.far_end.refusal import EventError
from offhook.loadtest.far_end.tokens import Tokens
from offhook.wires.openai_realtime.items import (
    Item,
    Part,
    assistant_text,
    function_call,
    function_call_output,
    system_text,
    user_text,
)


@pytest.fixture
def conversation() -> Conversation:
    conversation = Conversation("conv_1")
    for name in ("a", "b", "c"):
        conversation.add(user_text(name, name))
    return conversation


def spoken(item_id: str) -> Item:
    return Item("message", item_id, "assistant", [Part("output_audio", transcript="Good morning.")])


def order(conversation: Conversation) -> str:
    return "".join(entry.item_id for entry in conversation.entries)


def test_items_go_to_the_end_unless_told_otherwise(conversation: Conversation) -> None:
    assert conversation.add(user_text("", "d"))[1] == "c"
    assert conversation.add(user_text("", "e"), "a")[1] == "a"
    assert conversation.add(user_text("", "f"), "root")[1] is None

    assert order(conversation) == "faebcd"
    assert conversation.previous_item_id("b") == "e"
    assert conversation.last_item_id == "d"


def test_an_id_is_taken_only_once(conversation: Conversation) -> None:
    with pytest.raises(EventError) as caught:
        conversation.add(user_text("", "b"))

    assert caught.value.code == "item_create_duplicate_item_id"
    assert order(conversation) == "abc"


def test_nothing_follows_an_item_that_is_not_there(conversation: Conversation) -> None:
    with pytest.raises(EventError, match="'x' not found"):
        conversation.add(user_text("", "d"), "x")

    assert order(conversation) == "abc"


def test_a_deleted_item_is_gone(conversation: Conversation) -> None:
    conversation.delete("b")

    assert order(conversation) == "ac"
    for forbidden in (conversation.delete, conversation.retrieve):
        with pytest.raises(EventError, match="'b' not found"):
            forbidden("b")


def test_a_cut_reply_keeps_its_sound_up_to_the_cut_and_loses_its_words(conversation: Conversation) -> None:
    entry, _ = conversation.add(spoken("d"), audio_ms=1000)

    truncation = conversation.truncate("d", 0, 640, now=7.0)

    assert (truncation.audio_end_ms, truncation.audio_ms, truncation.at) == (640, 1000, 7.0)
    assert (entry.audio_ms, entry.truncated_ms) == (640, 640)
    assert entry.item.content == [Part("output_audio", transcript="")]


def test_a_reply_can_be_cut_at_its_very_end_or_beginning(conversation: Conversation) -> None:
    conversation.add(spoken("d"), audio_ms=1000)

    conversation.truncate("d", 0, 1000, now=0)
    conversation.truncate("d", 0, 0, now=0)


@pytest.mark.parametrize(
    ("item_id", "content_index", "audio_end_ms", "says"),
    [
        ("d", 0, 1001, "Audio content of 1000ms is already shorter than 1001ms"),
        ("d", 0, -1, "below 0"),
        ("d", 1, 100, "No content part 1"),
        ("a", 0, 100, "Only model output audio"),
        ("silent", 0, 0, "Only model output audio"),
        ("x", 0, 100, "'x' not found"),
    ],
)
def test_an_impossible_cut_is_refused(
    conversation: Conversation, item_id: str, content_index: int, audio_end_ms: int, says: str
) -> None:
    conversation.add(spoken("d"), audio_ms=1000)
    conversation.add(spoken("silent"))

    with pytest.raises(EventError, match=says):
        conversation.truncate(item_id, content_index, audio_end_ms, now=0)


def test_a_cut_reply_cannot_be_cut_later_than_it_was(conversation: Conversation) -> None:
    conversation.add(spoken("d"), audio_ms=1000)
    conversation.truncate("d", 0, 640, now=0)

    with pytest.raises(EventError, match="already shorter"):
        conversation.truncate("d", 0, 641, now=0)


@pytest.mark.parametrize(
    "item", [user_text("hi"), system_text("note"), assistant_text("hello"), function_call("c1", "lookup", "{}")]
)
def test_what_a_replay_of_history_needs_can_be_created(conversation: Conversation, item: Item) -> None:
    conversation.check(item)


def test_a_result_needs_its_call(conversation: Conversation) -> None:
    result = function_call_output("c1", "42", "r")
    with pytest.raises(EventError) as caught:
        conversation.check(result)
    assert caught.value.code == "invalid_tool_call_id"

    conversation.add(function_call("c1", "lookup", "{}", "f"))
    conversation.check(result)
    assert not conversation.has_output("c1")
    conversation.add(result)
    assert conversation.has_output("c1")


@pytest.mark.parametrize(
    ("item", "param"),
    [
        (Item("message", role="assistant", content=[Part("output_audio", audio=b"12")]), "item.content[0].type"),
        (Item("message", role="system", content=[Part("input_audio", audio=b"12")]), "item.content[0].type"),
        (Item("message", role="robot", content=[]), "item.role"),
        (Item("message", role="user"), "item.content"),
        (Item("function_call", name="lookup", call_id="c1"), "item.arguments"),
        (Item("function_call_output", call_id="c1"), "item.output"),
        (Item("weather"), "item.type"),
    ],
)
def test_what_cannot_be_created_is_named(conversation: Conversation, item: Item, param: str) -> None:
    with pytest.raises(EventError) as caught:
        conversation.check(item)

    assert caught.value.param == param


def test_sound_that_a_client_brings_is_measured_and_not_kept() -> None:
    item, sound_ms = sound_of(Item("message", role="user", content=[Part("input_audio", audio=bytes(800))]), PCMU_8K)

    assert sound_ms == 100
    assert item.content == [Part("input_audio")]


def test_tokens_count_sound_once_and_text_once() -> None:
    conversation = Conversation("conv_1")
    conversation.add(Item("message", "a", "user", [Part("input_audio", transcript="hello")]), audio_ms=950)
    conversation.add(spoken("b"), audio_ms=500)
    conversation.add(user_text("12345678", "c"))
    conversation.add(function_call("c1", "lookup", '{"a":1}', "d"))

    assert conversation.tokens() == Tokens(audio=10 + 10, text=2 + 2)


def test_a_conversation_has_begun_when_someone_has_spoken() -> None:
    conversation = Conversation("conv_1")
    conversation.add(system_text("note", "a"))
    assert not conversation.has_begun

    conversation.add(assistant_text("hello", "b"))
    assert conversation.has_begun
