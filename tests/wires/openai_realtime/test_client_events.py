import json
from contextlib import suppress
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wires.rubbish import DEEP, rubbish

from offhook.errors import WireError
from offhook.wires.openai_realtime import client_events as asks
from offhook.wires.openai_realtime import items
from offhook.wires.openai_realtime.client_events import ClientEvent, append, encode, parse

SESSION_UPDATE = """
{"type":"session.update","session":{"type":"realtime","output_modalities":["audio"],"instructions":"Be brief.",
 "audio":{"input":{"format":{"type":"audio/pcmu"},"turn_detection":{"type":"server_vad","threshold":0.5,
   "prefix_padding_ms":300,"silence_duration_ms":500,"create_response":true,"interrupt_response":true,
   "idle_timeout_ms":null},
  "noise_reduction":{"type":"near_field"},"transcription":{"model":"gpt-4o-mini-transcribe","language":"en"}},
  "output":{"format":{"type":"audio/pcmu"},"voice":"marin","speed":1.0}},
 "tools":[{"type":"function","name":"lookup","description":"d","parameters":{"type":"object","properties":{}}}],
 "tool_choice":"auto"}}
"""

CAPTURED: list[tuple[str, ClientEvent]] = [
    (SESSION_UPDATE, asks.SessionUpdate(json.loads(SESSION_UPDATE)["session"])),
    ('{"type":"input_audio_buffer.append","audio":"//8="}', asks.Append(b"\xff\xff")),
    ('{"type":"input_audio_buffer.commit"}', asks.Commit()),
    ('{"type":"input_audio_buffer.clear","event_id":"mine"}', asks.ClearInput("mine")),
    (
        '{"type":"conversation.item.create","previous_item_id":"root","item":{"id":"item_1","type":"message",'
        '"role":"user","content":[{"type":"input_text","text":"Hello"}]}}',
        asks.ItemCreate(items.user_text("Hello", "item_1"), "root"),
    ),
    ('{"type":"conversation.item.retrieve","item_id":"item_1"}', asks.ItemRetrieve("item_1")),
    ('{"type":"conversation.item.delete","item_id":"item_1"}', asks.ItemDelete("item_1")),
    (
        '{"type":"conversation.item.truncate","item_id":"item_1","content_index":0,"audio_end_ms":0}',
        asks.Truncate("item_1", 0, 0),
    ),
    (
        '{"type":"response.create","event_id":"mine","response":{"tool_choice":"none"}}',
        asks.ResponseCreate({"tool_choice": "none"}, "mine"),
    ),
    ('{"type":"response.cancel","response_id":"resp_1"}', asks.ResponseCancel("resp_1")),
]


@pytest.mark.parametrize(("message", "event"), CAPTURED, ids=[type(event).__name__ for _, event in CAPTURED])
def test_an_event_is_written_and_read_back(message: str, event: ClientEvent) -> None:
    assert json.loads(encode(event)) == json.loads(message)
    assert parse(message.encode()) == event


def test_every_kind_of_event_is_among_them() -> None:
    assert {type(event) for _, event in CAPTURED} == set(get_args(ClientEvent))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_the_quick_way_to_append_writes_the_same(sound: bytes) -> None:
    assert parse(append(sound)) == asks.Append(sound)
    assert json.loads(append(sound)) == json.loads(encode(asks.Append(sound)))


@pytest.mark.parametrize(
    ("item", "written"),
    [
        (
            items.system_text("The caller pressed 1"),
            {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "The caller pressed 1"}]},
        ),
        (
            items.assistant_text("Hello!", "i"),
            {"type": "message", "id": "i", "role": "assistant", "content": [{"type": "output_text", "text": "Hello!"}]},
        ),
        (
            items.function_call("call_1", "lookup", "{}", "i"),
            {"type": "function_call", "id": "i", "call_id": "call_1", "name": "lookup", "arguments": "{}"},
        ),
        (
            items.function_call_output("call_1", "open"),
            {"type": "function_call_output", "call_id": "call_1", "output": "open"},
        ),
    ],
    ids=["system", "assistant", "function_call", "function_call_output"],
)
def test_items_have_the_shape_that_is_documented(item: items.Item, written: dict[str, object]) -> None:
    assert json.loads(encode(asks.ItemCreate(item)))["item"] == written


def test_an_event_that_is_not_known_is_named_so_that_a_server_can_answer() -> None:
    message = b'{"type":"output_audio_buffer.clear","event_id":"mine"}'

    assert parse(message) == asks.UnknownEvent("output_audio_buffer.clear", "mine")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "[]",
        "{}",
        '{"type":7}',
        '{"type":"session.update"}',
        '{"type":"session.update","session":[]}',
        '{"type":"input_audio_buffer.append"}',
        '{"type":"input_audio_buffer.append","audio":"*"}',
        '{"type":"conversation.item.truncate","item_id":"item_1"}',
        '{"type":"conversation.item.truncate","item_id":"item_1","content_index":0,"audio_end_ms":"12"}',
        '{"type":"new","event_id":7}',
    ],
)
def test_a_broken_event_is_refused(message: str) -> None:
    with pytest.raises(WireError):
        parse(message.encode())


def test_text_that_is_not_utf_8_is_refused() -> None:
    for message in (b'{"type":"\xff"}', b'{"type":"response.cancel","response_id":"\xff"}'):
        with pytest.raises(WireError):
            parse(message)


def test_an_event_nested_without_end_is_refused() -> None:
    for message in (DEEP, b'{"type":"session.update","session":{"a":' + DEEP, b'{"type":"new","a":' + DEEP):
        with pytest.raises(WireError):
            parse(message)


@settings(deadline=None)
@given(rubbish([message for message, _ in CAPTURED]))
def test_rubbish_is_an_event_or_a_wire_error(message: bytes) -> None:
    with suppress(WireError):
        parse(message)
