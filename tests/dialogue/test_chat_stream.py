from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.dialogue.chat_stream import (
    ARGUMENTS_LIMIT_CHARS,
    CALLS_LIMIT,
    REPLY_LIMIT_CHARS,
    Completion,
)
from offhook.dialogue.port import CallTool


def _delta(**delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def _call(index: int | None = None, call_id: str | None = None, name: str | None = None, arguments: Any = None) -> Any:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    told = {key: value for key, value in (("index", index), ("id", call_id)) if value is not None}
    return {**told, "function": function}


def _feed(*chunks: Any) -> tuple[str, Completion]:
    completion = Completion()
    text = "".join(completion.feed(chunk) for chunk in chunks)
    return text + completion.end(), completion


def _calls(*calls: Any) -> list[CallTool]:
    return _feed(*(_delta(tool_calls=[call]) for call in calls))[1].tool_calls("new")


def test_words_pass_as_they_come() -> None:
    text, completion = _feed(
        _delta(role="assistant", content=""),
        _delta(content="Hel"),
        _delta(content="lo!"),
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"total_tokens": 7}},
    )

    assert text == "Hello!"
    assert completion.finish_reason == "stop"
    assert completion.usage == {"total_tokens": 7}
    assert completion.tool_calls("new") == []


def test_a_whole_message_is_read_too() -> None:
    message = {"content": "Hello!", "tool_calls": [_call(None, "c1", "menu", "{}")]}
    text, completion = _feed({"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"total_tokens": 7}})

    assert text == "Hello!"
    assert completion.tool_calls("new") == [CallTool("c1", "menu", "{}")]


def test_a_tool_call_is_put_together_from_its_pieces() -> None:
    assert _calls(_call(0, "c1", "menu", ""), _call(0, None, None, '{"day":'), _call(0, None, None, '"mon"}')) == [
        CallTool("c1", "menu", '{"day":"mon"}')
    ]


def test_tool_calls_may_be_mixed() -> None:
    assert _calls(
        _call(0, "c1", "a"), _call(1, "c2", "b"), _call(0, None, None, "{1}"), _call(1, None, None, "{2}")
    ) == [
        CallTool("c1", "a", "{1}"),
        CallTool("c2", "b", "{2}"),
    ]


@pytest.mark.parametrize(
    "calls",
    [
        [_call(0, "c1", "a", "{1}"), _call(0, "c2", "b", "{2}")],  # one index for all
        [_call(None, "c1", "a", "{1}"), _call(None, "c2", "b", "{2}")],  # no index
        [_call(None, "c1", "a"), _call(None, None, None, "{1}"), _call(None, "c2", "b", "{2}")],
        [_call(0, "c1"), _call(0, "c1", "a", "{1}"), _call(1, "c2", "b", "{2}")],  # the id in every piece
    ],
)
def test_calls_of_less_careful_servers_are_told_apart(calls: list[Any]) -> None:
    assert _calls(*calls) == [CallTool("c1", "a", "{1}"), CallTool("c2", "b", "{2}")]


def test_a_call_without_an_id_gets_one_and_without_a_name_is_none() -> None:
    assert _calls(_call(0, None, "a"), _call(1, "c2", None, "{}")) == [CallTool("new_0", "a", "{}")]


def test_arguments_that_are_an_object_become_text() -> None:
    assert _calls(_call(0, "c1", "a", {"day": "mon"})) == [CallTool("c1", "a", '{"day": "mon"}')]


@pytest.mark.parametrize(
    ("pieces", "spoken"),
    [
        (["<think>", "hm", "</think>", "\n\nHello."], "Hello."),
        (["\n<thi", "nk>what <b> ", "</th", "ink> Hello.", " Bye."], "Hello. Bye."),
        (["<think>never ends"], ""),
        (["<", "3 you"], "<3 you"),
        (["<thi"], "<thi"),
        (["Say <think> aloud"], "Say <think> aloud"),
    ],
)
def test_thoughts_are_not_spoken(pieces: list[str], spoken: str) -> None:
    assert _feed(*(_delta(content=piece) for piece in pieces))[0] == spoken


def test_parts_and_refusals_are_words() -> None:
    assert _feed(_delta(content=[{"type": "text", "text": "Hello."}]))[0] == "Hello."
    assert _feed(_delta(content=None, refusal="I will not."))[0] == "I will not."


def test_a_reply_has_an_end() -> None:
    text, completion = _feed(*[_delta(content="word " * 100)] * 100)

    assert len(text) == REPLY_LIMIT_CHARS
    assert completion.cut


def test_a_reply_that_the_endpoint_cut_is_marked() -> None:
    assert _feed({"choices": [{"delta": {"content": "and"}, "finish_reason": "length"}]})[1].cut


def test_tool_calls_are_limited() -> None:
    calls = _calls(*[_call(n, f"c{n}", "a", "x" * (ARGUMENTS_LIMIT_CHARS + 5)) for n in range(CALLS_LIMIT + 5)])

    assert len(calls) == CALLS_LIMIT
    assert {len(call.arguments) for call in calls} == {ARGUMENTS_LIMIT_CHARS}


_KEYS = "choices delta content tool_calls function name arguments index id"
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS.split()), inner, max_size=4),
    max_leaves=15,
)


@given(st.lists(_JSON | _JSON.map(lambda value: {"choices": [{"delta": value}]}), max_size=5))
def test_any_chunks_are_read(chunks: list[Any]) -> None:
    _feed(*chunks)[1].tool_calls("new")
