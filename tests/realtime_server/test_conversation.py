import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import msgspec
import pytest

from offhook.audio.formats import PCMU_8K
from offhook.realtime_server.conversation import (
    MAX_ITEM_CHARACTERS,
    MAX_ITEMS,
    MAX_NAME_CHARACTERS,
    MAX_PARTS,
    MAX_TEXT_TOKENS,
    Conversation,
    sound_of,
)
from offhook.realtime_server.ids import Ids
from offhook.realtime_server.refusal import EventError
from offhook.realtime_server.tokens import Tokens
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


def test_a_server_that_knows_which_words_were_heard_keeps_those(conversation: Conversation) -> None:
    entry, _ = conversation.add(spoken("d"), audio_ms=1000)

    conversation.truncate("d", 0, 640, now=7.0, heard_text="Good")

    assert entry.item.content == [Part("output_audio", transcript="Good")]
    assert entry.truncated_ms == 640


def test_a_reply_can_be_cut_at_its_very_end_or_beginning(conversation: Conversation) -> None:
    conversation.add(spoken("d"), audio_ms=1000)

    conversation.truncate("d", 0, 1000, now=0)
    conversation.truncate("d", 0, 0, now=0)


@pytest.mark.parametrize(
    ("item_id", "content_index", "audio_end_ms", "says"),
    [
        ("d", 0, 1001, "Audio content of 1000ms is already shorter than 1001ms"),
        ("d", 0, -1, "below 0"),
        ("d", 0, 10**4000, "Audio content of 1000ms is already shorter"),
        ("d", 0, -(10**4000), "below 0"),
        ("d", 10**4000, 100, "No content part 1000"),
        ("", 0, 100, "'' not found"),
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


def test_tokens_follow_every_change() -> None:
    conversation = Conversation("conv_1")
    entry, _ = conversation.add(spoken("a"))
    conversation.add(user_text("12345678", "b"))
    assert conversation.tokens() == Tokens(text=2)

    entry.audio_ms += 500
    assert conversation.tokens() == Tokens(audio=10, text=2)
    entry.audio_ms += 500
    entry.audio_ms += 500
    assert conversation.tokens() == Tokens(audio=30, text=2)
    conversation.truncate("a", 0, 100, now=0)
    assert conversation.tokens() == Tokens(audio=2, text=2)
    conversation.retrieve("b").change(content=[Part("input_text", text="1234")])
    assert conversation.tokens() == Tokens(audio=2, text=1)
    conversation.delete("a")
    entry.audio_ms += 500
    assert conversation.tokens() == Tokens(text=1)
    conversation.add(user_text("1234", "a"))
    assert conversation.tokens() == Tokens(text=2)


def test_a_deleted_result_is_no_result(conversation: Conversation) -> None:
    conversation.add(function_call("c1", "lookup", "{}", "f"))
    conversation.add(function_call_output("c1", "42", "r"))

    conversation.delete("r")
    assert not conversation.has_output("c1")
    conversation.delete("f")
    with pytest.raises(EventError, match="'c1' not found"):
        conversation.check(function_call_output("c1", "42"))


def test_a_conversation_whose_only_words_were_deleted_has_not_begun() -> None:
    conversation = Conversation("conv_1")
    conversation.add(user_text("hi", "a"))

    conversation.delete("a")

    assert not conversation.has_begun


def steps(act: Callable[[], object]) -> int:
    """How many instructions of Python ``act`` takes."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


def test_a_turn_costs_no_more_after_five_hundred_items_than_after_five() -> None:
    def turn(conversation: Conversation, name: str) -> None:
        conversation.check(user_text("hi", name))
        conversation.add(user_text("hi", name))
        entry, _ = conversation.add(spoken(f"{name}r"))
        conversation.tokens()
        entry.audio_ms += 200
        conversation.previous_item_id(f"{name}r")
        conversation.find(name)
        conversation.retrieve(name)
        assert conversation.has_begun
        assert not conversation.has_output("c")
        conversation.truncate(f"{name}r", 0, 100, now=0)
        conversation.tokens()

    costs = {}
    for size in (5, 500):
        conversation = Conversation("conv_1")
        for at in range(size):
            conversation.add(function_call(f"c{at}", "lookup", "{}", f"f{at}"))
        turn(conversation, "warm")  # up: what the first turn ever taken has to do beside
        costs[size] = steps(partial(turn, conversation, "t"))

    assert costs[500] == costs[5] > 100


@pytest.fixture(scope="module")
def full() -> Conversation:
    conversation = Conversation("conv_1")
    for at in range(MAX_ITEMS):
        conversation.add(user_text("x", f"i{at}"))
    return conversation


def test_a_client_may_not_create_items_without_end(full: Conversation) -> None:
    with pytest.raises(EventError, match=f"at most {MAX_ITEMS} items") as caught:
        full.check(user_text("one more"))

    assert caught.value.code == "conversation_full"


def test_a_turn_in_a_full_conversation_drops_the_oldest_item(full: Conversation) -> None:
    oldest, second = (entry.item_id for entry in full.entries[:2])
    last = full.last_item_id

    assert full.add(user_text("hello", "turn"))[1] == last

    assert len(full.entries) == MAX_ITEMS
    assert full.find(oldest) is None
    assert full.entries[0].item_id == second
    assert full.tokens().text == MAX_ITEMS - 1 + 2


def test_a_client_may_not_bring_text_without_end() -> None:
    conversation = Conversation("conv_1")
    item = user_text("x" * MAX_ITEM_CHARACTERS)
    for at in range(MAX_TEXT_TOKENS * 4 // MAX_ITEM_CHARACTERS + 1):
        conversation.check(item)
        conversation.add(msgspec.structs.replace(item, id=f"i{at}"))

    with pytest.raises(EventError, match=f"at most {MAX_TEXT_TOKENS} tokens"):
        conversation.check(user_text("x"))


LONG = "x" * (MAX_NAME_CHARACTERS + 1)


@pytest.mark.parametrize(
    ("item", "param"),
    [
        (user_text("x" * (MAX_ITEM_CHARACTERS + 1)), "item"),
        (function_call_output("c1", "x" * (MAX_ITEM_CHARACTERS + 1)), "item"),
        (Item("message", role="user", content=[Part("input_audio", transcript="x" * MAX_ITEM_CHARACTERS * 2)]), "item"),
        (Item("message", role="user", content=[Part("input_text")] * (MAX_PARTS + 1)), "item.content"),
        (user_text("hi", LONG), "item.id"),
        (function_call(LONG, "lookup", "{}"), "item.call_id"),
        (function_call("c1", LONG, "{}"), "item.name"),
        (Item("message", role="user", content=[], status=LONG), "item.status"),
    ],
)
def test_items_that_are_too_large_are_refused(conversation: Conversation, item: Item, param: str) -> None:
    with pytest.raises(EventError) as caught:
        conversation.check(item)

    assert caught.value.param == param
    assert caught.value.code.endswith("_above_max_length")


def test_ids_of_the_server_step_over_those_that_a_client_took(conversation: Conversation) -> None:
    conversation.add(user_text("mine", "item_1_1"))
    conversation.add(function_call("call_1_1", "lookup", "{}", "f"))
    ids = Ids(1)

    assert conversation.free_id(ids) == "item_1_2"
    assert conversation.free_call_id(ids) == "call_1_2"
