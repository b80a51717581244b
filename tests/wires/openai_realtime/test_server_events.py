import json
from contextlib import suppress
from typing import get_args

import pytest
from hypothesis import given, settings
from tests.wires.rubbish import DEEP, rubbish

from offhook.errors import WireError
from offhook.wires.openai_realtime import asides
from offhook.wires.openai_realtime import server_events as says
from offhook.wires.openai_realtime.items import Item, Part
from offhook.wires.openai_realtime.server_events import ServerEvent, encode, parse

ERROR = (
    '{"type":"error","event_id":"event_9","error":{"type":"invalid_request_error",'
    '"code":"response_cancel_not_active","message":"Cancellation failed: no active response found",'
    '"param":null,"event_id":"offhook_7"}}'
)

CAPTURED: list[tuple[str, ServerEvent]] = [
    (
        '{"type":"session.created","event_id":"event_1","session":{"type":"realtime","object":"realtime.session",'
        '"id":"sess_1","model":"gpt-realtime"}}',
        says.SessionCreated(
            {"type": "realtime", "object": "realtime.session", "id": "sess_1", "model": "gpt-realtime"}, "event_1"
        ),
    ),
    (
        '{"type":"session.updated","event_id":"event_2","session":{"type":"realtime",'
        '"audio":{"input":{"format":{"type":"audio/pcmu"}}}}}',
        says.SessionUpdated({"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcmu"}}}}, "event_2"),
    ),
    (
        '{"type":"input_audio_buffer.speech_started","event_id":"event_3","audio_start_ms":1240,"item_id":"item_1"}',
        says.SpeechStarted("item_1", 1240, "event_3"),
    ),
    (
        '{"type":"input_audio_buffer.speech_stopped","event_id":"event_4","audio_end_ms":2980,"item_id":"item_1"}',
        says.SpeechStopped("item_1", 2980, "event_4"),
    ),
    (
        '{"type":"input_audio_buffer.committed","event_id":"event_5","previous_item_id":null,"item_id":"item_1"}',
        says.Committed("item_1", None, "event_5"),
    ),
    (
        '{"type":"conversation.item.added","event_id":"event_6","previous_item_id":"item_0","item":{"id":"item_1",'
        '"object":"realtime.item","type":"message","status":"completed","role":"user",'
        '"content":[{"type":"input_audio","transcript":null}]}}',
        says.ItemAdded(
            Item("message", "item_1", "user", [Part("input_audio")], status="completed", object="realtime.item"),
            "item_0",
            "event_6",
        ),
    ),
    (
        '{"type":"conversation.item.done","event_id":"event_7","previous_item_id":"item_1","item":{"id":"item_2",'
        '"object":"realtime.item","type":"message","status":"completed","role":"assistant",'
        '"content":[{"type":"output_audio","transcript":"Hello!"}]}}',
        says.ItemDone(
            Item(
                "message",
                "item_2",
                "assistant",
                [Part("output_audio", transcript="Hello!")],
                status="completed",
                object="realtime.item",
            ),
            "item_1",
            "event_7",
        ),
    ),
    (
        '{"type":"conversation.item.input_audio_transcription.delta","event_id":"event_8","item_id":"item_1",'
        '"content_index":0,"delta":"When do"}',
        says.InputTranscriptDelta("item_1", "When do", 0, "event_8"),
    ),
    (
        '{"type":"conversation.item.input_audio_transcription.completed","event_id":"event_9","item_id":"item_1",'
        '"content_index":0,"transcript":"When do you open?","usage":{"type":"duration","seconds":2}}',
        says.InputTranscript("item_1", "When do you open?", 0, {"type": "duration", "seconds": 2}, "event_9"),
    ),
    (
        '{"type":"conversation.item.input_audio_transcription.failed","event_id":"event_10","item_id":"item_1",'
        '"content_index":0,"error":{"type":"transcription_error","code":"audio_unintelligible",'
        '"message":"The audio could not be transcribed."}}',
        says.InputTranscriptFailed(
            "item_1",
            says.ErrorBody("The audio could not be transcribed.", "transcription_error", "audio_unintelligible"),
            0,
            "event_10",
        ),
    ),
    (
        '{"type":"conversation.item.truncated","event_id":"event_11","item_id":"item_2","content_index":0,'
        '"audio_end_ms":1500}',
        says.Truncated("item_2", 1500, 0, "event_11"),
    ),
    (
        '{"type":"response.created","event_id":"event_12","response":{"object":"realtime.response","id":"resp_1",'
        '"status":"in_progress","status_details":null,"output":[],"usage":null,"metadata":null,'
        '"conversation_id":"conv_1","output_modalities":["audio"]}}',
        says.ResponseCreated(
            says.Response("resp_1", output=[], conversation_id="conv_1", output_modalities=["audio"]), "event_12"
        ),
    ),
    (
        '{"type":"response.done","event_id":"event_13","response":{"object":"realtime.response","id":"resp_1",'
        '"status":"cancelled","status_details":{"type":"cancelled","reason":"turn_detected"},"output":[],'
        '"usage":{"total_tokens":12,"input_token_details":{"audio_tokens":4}},"metadata":{"a":"b"},'
        '"conversation_id":"conv_1","output_modalities":["audio"]}}',
        says.ResponseDone(
            says.Response(
                "resp_1",
                status="cancelled",
                status_details=says.StatusDetails("cancelled", "turn_detected"),
                output=[],
                usage={"total_tokens": 12, "input_token_details": {"audio_tokens": 4}},
                metadata={"a": "b"},
                conversation_id="conv_1",
                output_modalities=["audio"],
            ),
            "event_13",
        ),
    ),
    (
        '{"type":"response.output_item.added","event_id":"event_14","response_id":"resp_1","output_index":0,'
        '"item":{"id":"item_2","object":"realtime.item","type":"message","status":"in_progress","role":"assistant",'
        '"content":[]}}',
        says.OutputItemAdded(
            Item("message", "item_2", "assistant", [], status="in_progress", object="realtime.item"),
            "resp_1",
            0,
            "event_14",
        ),
    ),
    (
        '{"type":"response.output_item.done","event_id":"event_15","response_id":"resp_1","output_index":1,'
        '"item":{"id":"item_3","object":"realtime.item","type":"function_call","status":"completed",'
        '"name":"lookup","call_id":"call_1","arguments":"{\\"day\\":\\"mon\\"}"}}',
        says.OutputItemDone(
            Item(
                "function_call",
                "item_3",
                name="lookup",
                call_id="call_1",
                arguments='{"day":"mon"}',
                status="completed",
                object="realtime.item",
            ),
            "resp_1",
            1,
            "event_15",
        ),
    ),
    (
        '{"type":"response.content_part.added","event_id":"event_16","response_id":"resp_1","item_id":"item_2",'
        '"output_index":0,"content_index":0,"part":{"type":"audio","transcript":""}}',
        says.ContentPartAdded("item_2", Part("audio", transcript=""), "resp_1", 0, 0, "event_16"),
    ),
    (
        '{"type":"response.content_part.done","event_id":"event_17","response_id":"resp_1","item_id":"item_2",'
        '"output_index":0,"content_index":0,"part":{"type":"audio","transcript":"Hello!"}}',
        says.ContentPartDone("item_2", Part("audio", transcript="Hello!"), "resp_1", 0, 0, "event_17"),
    ),
    (
        '{"type":"response.output_audio.delta","event_id":"event_18","response_id":"resp_1","item_id":"item_2",'
        '"output_index":0,"content_index":0,"delta":"//8="}',
        says.AudioDelta(b"\xff\xff", "item_2", "resp_1", 0, 0, "event_18"),
    ),
    (
        '{"type":"response.output_audio.done","event_id":"event_19","response_id":"resp_1","item_id":"item_2",'
        '"output_index":0,"content_index":0}',
        says.AudioDone("item_2", "resp_1", 0, 0, "event_19"),
    ),
    (
        '{"type":"response.output_audio_transcript.delta","event_id":"event_20","response_id":"resp_1",'
        '"item_id":"item_2","output_index":0,"content_index":0,"delta":"Hel"}',
        says.TranscriptDelta("Hel", "item_2", "resp_1", 0, 0, "event_20"),
    ),
    (
        '{"type":"response.output_audio_transcript.done","event_id":"event_21","response_id":"resp_1",'
        '"item_id":"item_2","output_index":0,"content_index":0,"transcript":"Hello!"}',
        says.TranscriptDone("Hello!", "item_2", "resp_1", 0, 0, "event_21"),
    ),
    (
        '{"type":"response.function_call_arguments.done","event_id":"event_22","response_id":"resp_1",'
        '"item_id":"item_3","output_index":1,"call_id":"call_1","name":"lookup","arguments":"{}"}',
        says.ArgumentsDone("call_1", "{}", "lookup", "item_3", "resp_1", 1, "event_22"),
    ),
    (
        '{"type":"rate_limits.updated","event_id":"event_23","rate_limits":[{"name":"tokens","limit":40000,'
        '"remaining":39000,"reset_seconds":1.5}]}',
        says.RateLimits([says.RateLimit("tokens", 40000, 39000, 1.5)], "event_23"),
    ),
    (
        ERROR,
        says.Failure(
            says.ErrorBody(
                "Cancellation failed: no active response found",
                "invalid_request_error",
                "response_cancel_not_active",
                event_id="offhook_7",
            ),
            "event_9",
        ),
    ),
]
MESSAGES = [message for message, _ in CAPTURED]


@pytest.mark.parametrize(("message", "event"), CAPTURED, ids=[type(event).__name__ for _, event in CAPTURED])
def test_an_event_is_read_and_written_back(message: str, event: ServerEvent) -> None:
    assert parse(message.encode()) == event
    assert without_nulls(json.loads(encode(event))) == without_nulls(json.loads(message))


def test_every_kind_of_event_is_among_them() -> None:
    assert {type(event) for _, event in CAPTURED} == set(get_args(ServerEvent))


@pytest.mark.parametrize(
    ("ga", "beta"),
    [
        ("response.output_audio.delta", "response.audio.delta"),
        ("response.output_audio.done", "response.audio.done"),
        ("response.output_audio_transcript.delta", "response.audio_transcript.delta"),
        ("response.output_audio_transcript.done", "response.audio_transcript.done"),
    ],
)
def test_beta_spellings_mean_the_same(ga: str, beta: str) -> None:
    message, event = next((m, e) for m, e in CAPTURED if f'"{ga}"' in m)

    read = parse(message.replace(ga, beta).encode())

    assert isinstance(read, type(event))
    assert facts(read) == facts(event)


def test_zeros_are_written_in_full() -> None:
    written = json.loads(encode(says.AudioDone("item_1", "resp_1")))

    assert written["output_index"] == written["content_index"] == 0


@pytest.mark.parametrize(
    "message",
    [
        '{"type":"response.output_text.delta","delta":"Hi"}',
        '{"type":"conversation.created","conversation":{"id":"conv_1"}}',
        '{"type":"mcp_list_tools.in_progress","item_id":"x"}',
        '{"type":"tomorrow.invented","anything":[1,2,{"a":null}]}',
    ],
)
def test_events_that_are_not_known_are_skipped(message: str) -> None:
    assert parse(message.encode()) is None


def test_items_that_are_not_known_do_not_break_the_event_that_carries_them() -> None:
    message = (
        '{"type":"response.done","response":{"id":"resp_1","status":"completed","output":['
        '{"id":"item_1","type":"mcp_call","server_label":"x","tools":[{}]},'
        '{"id":"item_2","type":"message","role":"assistant","content":[{"type":"hologram","mesh":{}}]}]}}'
    )

    event = parse(message.encode())

    assert isinstance(event, says.ResponseDone)
    assert [item.type for item in event.response.output or ()] == ["mcp_call", "message"]


def test_what_stand_ins_also_say_is_skipped_by_the_bridge() -> None:
    spoken: list[asides.Aside] = [
        asides.ConversationCreated(asides.ConversationBody("conv_1"), "event_1"),
        asides.InputCleared("event_1"),
        asides.ItemDeleted("item_1", "event_1"),
        asides.ItemRetrieved(Item("message", "item_1"), "event_1"),
        asides.TextDelta("Hi", "item_1", "resp_1"),
        asides.TextDone("Hi", "item_1", "resp_1"),
        asides.ArgumentsDelta("call_1", "{", "item_1", "resp_1"),
    ]

    assert {type(aside) for aside in spoken} == set(get_args(asides.Aside))
    for aside in spoken:
        assert parse(asides.encode(aside)) is None


def test_an_error_may_say_as_little_as_it_likes() -> None:
    assert parse(b'{"type":"error","error":{}}') == says.Failure(says.ErrorBody())


@pytest.mark.parametrize(
    "message",
    [
        "",
        "hello",
        "[]",
        "{}",
        '{"type":null}',
        '{"type":"error"}',
        '{"type":"session.created"}',
        '{"type":"response.created","response":"resp_1"}',
        '{"type":"response.output_audio.delta","delta":"***"}',
        '{"type":"response.audio.delta","delta":7}',
        '{"type":"input_audio_buffer.committed"}',
        ERROR[:-1],
    ],
)
def test_a_broken_event_is_refused(message: str) -> None:
    with pytest.raises(WireError):
        parse(message.encode())


def test_text_that_is_not_utf_8_is_refused() -> None:
    for message in (b'{"type":"\xff"}', ERROR.encode().replace(b"Cancellation", b"\xed\xa0\x80")):
        with pytest.raises(WireError):
            parse(message)


def test_an_event_nested_without_end_is_refused() -> None:
    for message in (DEEP, b'{"type":"session.created","session":{"a":' + DEEP, b'{"type":"new","a":' + DEEP):
        with pytest.raises(WireError):
            parse(message)


@settings(deadline=None)
@given(rubbish(MESSAGES))
def test_rubbish_is_an_event_or_a_wire_error(message: bytes) -> None:
    with suppress(WireError):
        parse(message)


def facts(event: ServerEvent | None) -> dict[str, object]:
    assert event is not None
    return {name: getattr(event, name) for name in event.__struct_fields__}


def without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value
