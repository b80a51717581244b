from typing import Any

import pytest

from offhook.audio.formats import PCM16_24K, PCMA_8K, PCMU_8K
from offhook.realtime_server.configuration import (
    LONGEST_MS,
    MAX_DEPTH,
    Configuration,
    ServerVad,
    response_params,
    updated,
)
from offhook.realtime_server.refusal import MAX_MESSAGE_CHARACTERS, EventError

FRESH = Configuration(model="gpt-realtime-2")


def change(changes: dict[str, Any], *, to: Configuration = FRESH, has_spoken: bool = False) -> Configuration:
    return updated(to, {"type": "realtime", **changes}, has_spoken=has_spoken)


def refusal(changes: dict[str, Any], **more: Any) -> EventError:
    with pytest.raises(EventError) as caught:
        change(changes, **more)
    return caught.value


_VAD = "session.audio.input.turn_detection."
_TOOL = "session.tools[0]."


def vad(**fields: Any) -> dict[str, Any]:
    return {"audio": {"input": {"turn_detection": {"type": "server_vad", **fields}}}}


class Hinted(Configuration, frozen=True, kw_only=True):
    """A server that takes one field more."""

    hints: dict[str, Any] | None = None


def test_a_fresh_session_has_the_vendors_defaults() -> None:
    session = FRESH.as_session(id="sess_1")

    assert session["object"] == "realtime.session"
    assert session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert session["audio"]["input"]["turn_detection"] == {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    }
    assert session["audio"]["output"]["voice"] == "marin"
    assert session["output_modalities"] == ["audio"]


def test_an_update_changes_what_it_names_and_nothing_else() -> None:
    first = change({"instructions": "Be brief.", "audio": {"output": {"format": {"type": "audio/pcma"}}}})

    second = change({"audio": {"input": {"format": {"type": "audio/pcmu"}}}}, to=first)

    assert second.instructions == "Be brief."
    assert (second.input_format, second.output_format) == (PCMU_8K, PCMA_8K)
    assert FRESH.input_format == PCM16_24K


def test_a_part_of_turn_detection_leaves_its_other_parts() -> None:
    config = change({"audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.7}}}})

    config = change({"audio": {"input": {"turn_detection": {"silence_duration_ms": 800}}}}, to=config)

    assert config.turn_detection == ServerVad(threshold=0.7, silence_duration_ms=800)


def test_another_kind_of_turn_detection_brings_its_own_defaults() -> None:
    config = change({"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}}})

    assert config.as_session()["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "low",
        "create_response": True,
        "interrupt_response": True,
    }


def test_null_switches_turn_detection_off_and_an_object_on_again() -> None:
    off = change({"audio": {"input": {"turn_detection": None}}})
    assert off.turn_detection is None

    assert (
        change({"audio": {"input": {"turn_detection": {"type": "server_vad"}}}}, to=off).turn_detection == ServerVad()
    )


def test_an_empty_list_clears_the_tools() -> None:
    tools = [{"type": "function", "name": "lookup", "description": "d", "parameters": {"type": "object"}}]
    config = change({"tools": tools})
    assert config.as_session()["tools"] == tools

    assert change({"tools": []}, to=config).tools == []


def test_an_update_without_type_is_refused_as_the_vendor_does() -> None:
    with pytest.raises(EventError) as caught:
        updated(FRESH, {"instructions": "Be brief."}, has_spoken=False)

    assert caught.value.code == "missing_required_parameter"
    assert caught.value.param == "session.type"
    assert caught.value.message == "Missing required parameter: 'session.type'."


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"temperature": 0.8}, "unknown_parameter", "session.temperature"),
        ({"modalities": ["text", "audio"]}, "unknown_parameter", "session.modalities"),
        ({"audio": {"input": {"rate": 1}}}, "unknown_parameter", "session.audio.input.rate"),
        ({"output_modalities": ["text", "audio"]}, "invalid_value", "session.output_modalities"),
        ({"audio": {"output": {"speed": 2}}}, "invalid_value", "session.audio.output.speed"),
        ({"audio": {"input": {"format": {"type": "g711_ulaw"}}}}, "invalid_value", "session.audio.input.format.type"),
        (
            {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 8000}}}},
            "invalid_value",
            "session.audio.input.format.rate",
        ),
        (
            {"audio": {"input": {"turn_detection": {"type": "server_vad", "create_response": None}}}},
            "invalid_value",
            "session.audio.input.turn_detection.create_response",
        ),
        ({"tools": [{"type": "function"}]}, "missing_required_parameter", "session.tools[0].name"),
        ({"max_output_tokens": 5000}, "invalid_value", "session.max_output_tokens"),
        ({"type": "transcription"}, "invalid_value", "session.type"),
        ({"model": "gpt-realtime-mini"}, "invalid_value", "session.model"),
        ({"model": None}, "invalid_value", "session.model"),
        ({"hints": {}}, "unknown_parameter", "session.hints"),
        ({"audio": None}, "invalid_value", "session.audio"),
        ({"audio": []}, "invalid_value", "session.audio"),
        ({"audio": {"input": {"turn_detection": []}}}, "invalid_value", "session.audio.input.turn_detection"),
        ({"audio": {"input": {"turn_detection": {"type": {}}}}}, "invalid_value", _VAD + "type"),
        (vad(silence_duration_ms=LONGEST_MS + 1), "invalid_value", _VAD + "silence_duration_ms"),
        (vad(silence_duration_ms=10**4000), "invalid_value", _VAD + "silence_duration_ms"),
        (vad(prefix_padding_ms=-1), "invalid_value", _VAD + "prefix_padding_ms"),
        (vad(prefix_padding_ms=1.5), "invalid_value", _VAD + "prefix_padding_ms"),
        (vad(idle_timeout_ms=10**30), "invalid_value", _VAD + "idle_timeout_ms"),
        (vad(threshold=10**400), "invalid_value", _VAD + "threshold"),
        (vad(threshold="0.5"), "invalid_value", _VAD + "threshold"),
        ({"max_output_tokens": 10**4000}, "invalid_value", "session.max_output_tokens"),
        ({"max_output_tokens": True}, "invalid_value", "session.max_output_tokens"),
        ({"instructions": 5}, "invalid_value", "session.instructions"),
        ({"instructions": None}, "invalid_value", "session.instructions"),
        ({"tools": {"type": "function"}}, "invalid_value", "session.tools"),
        ({"tools": [None]}, "invalid_value", "session.tools[0]"),
        ({"tools": [{"type": "function", "name": "a", "parameters": []}]}, "invalid_value", _TOOL + "parameters"),
        ({"type": 5}, "invalid_value", "session.type"),
        ({"": 1}, "unknown_parameter", "session."),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], code: str, param: str) -> None:
    error = refusal(changes)

    assert (error.code, error.param) == (code, param)


def test_a_server_can_take_a_field_more() -> None:
    fresh = Hinted(model="m")

    hinted = updated(fresh, {"type": "realtime", "hints": {"greeting": "Hello."}}, has_spoken=False)
    later = updated(hinted, {"type": "realtime", "instructions": "Be brief."}, has_spoken=False)

    assert hinted.hints == later.hints == {"greeting": "Hello."}
    assert later.as_session()["hints"] == {"greeting": "Hello."}
    assert fresh.as_session()["hints"] is None
    assert updated(later, {"type": "realtime", "hints": {}}, has_spoken=False).hints == {}
    with pytest.raises(EventError) as caught:
        updated(fresh, {"type": "realtime", "hints": []}, has_spoken=False)
    assert caught.value.param == "session.hints"
    with pytest.raises(EventError) as caught:
        updated(fresh, {"type": "realtime", "temperature": 1}, has_spoken=False)
    assert caught.value.code == "unknown_parameter"


def test_what_is_nested_too_deep_is_refused_before_it_must_be_written() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH):
        deep = {"a": [deep]}

    assert refusal({"prompt": deep}).message == f"Invalid value for 'session': nested more than {MAX_DEPTH} deep."
    with pytest.raises(EventError, match="deep"):
        response_params({"input": [deep]})


def test_a_complaint_quotes_only_the_beginning_of_what_was_wrong() -> None:
    error = refusal({"x" * 1_000_000: 1})

    assert len(error.message) == MAX_MESSAGE_CHARACTERS
    assert len(error.param or "") == MAX_MESSAGE_CHARACTERS


def test_the_voice_is_fixed_once_it_was_heard() -> None:
    cedar = {"audio": {"output": {"voice": "cedar"}}}

    assert change(cedar).audio.output.voice == "cedar"
    assert refusal(cedar, has_spoken=True).code == "cannot_update_voice"
    assert change({"audio": {"output": {"voice": "marin"}}}, has_spoken=True) == FRESH


def test_one_response_may_differ_from_its_session() -> None:
    params = response_params(
        {"output_modalities": ["text"], "tool_choice": "none", "audio": {"output": {"format": {"type": "audio/pcmu"}}}}
    )

    assert params.in_text(FRESH)
    assert not params.may_call_tools(FRESH)
    assert params.output_format(FRESH) == PCMU_8K


def test_a_response_without_parameters_is_as_the_session_says() -> None:
    for params in (response_params(None), response_params({"instructions": None})):
        assert not params.in_text(FRESH)
        assert params.may_call_tools(FRESH)
        assert params.output_format(FRESH) == PCM16_24K


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"modalities": ["text"]}, "response.modalities"),
        ({"conversation": "none"}, "response.conversation"),
        ({"conversation": "other"}, "response.conversation"),
        ({"metadata": {"a": 1}}, "response.metadata[...]"),
        ({"metadata": []}, "response.metadata"),
        ({"instructions": 5}, "response.instructions"),
        ({"max_output_tokens": 10**30}, "response.max_output_tokens"),
        ({"audio": {"output": {"format": "audio/pcmu"}}}, "response.audio.output.format"),
        ({"input": [1]}, "response.input[0]"),
        ({"weather": 1}, "response.weather"),
    ],
)
def test_wrong_parameters_of_a_response_are_named(given: dict[str, Any], param: str) -> None:
    with pytest.raises(EventError) as caught:
        response_params(given)

    assert caught.value.param == param
