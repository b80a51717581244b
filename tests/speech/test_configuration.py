from typing import Any

import pytest

from offhook.ears.endpointing import Endpointing
from offhook.realtime_server.configuration import updated
from offhook.realtime_server.refusal import EventError
from offhook.speech.configuration import SpeechConfiguration, voice_name

PLAIN = SpeechConfiguration(model="local")


def having(**changes: Any) -> SpeechConfiguration:
    return updated(PLAIN, {"type": "realtime", **changes}, has_spoken=False)


def detecting(turn_detection: dict[str, Any] | None) -> SpeechConfiguration:
    return having(audio={"input": {"turn_detection": turn_detection}})


def test_a_role_is_what_a_dialogue_has_to_know() -> None:
    tool = {"type": "function", "name": "bake", "description": "Bake.", "parameters": {"type": "object"}}

    role = having(instructions="Be brief.", tools=[tool], hints={"greeting": "Hello."}).role()

    assert role.instructions == "Be brief."
    assert [(spec.name, spec.description, dict(spec.parameters)) for spec in role.tools] == [
        ("bake", "Bake.", {"type": "object"})
    ]
    assert role.hints.greeting == "Hello."


def test_a_tool_needs_no_more_than_a_name() -> None:
    [spec] = having(tools=[{"type": "function", "name": "bake"}]).role().tools

    assert (spec.description, dict(spec.parameters)) == ("", {})


@pytest.mark.parametrize("hints", [{"examples": "x"}, {"phrases": []}, {"greeting": 1}, {"examples": ["x"] * 51}])
def test_broken_hints_are_refused(hints: dict[str, Any]) -> None:
    with pytest.raises(EventError) as raised:
        having(hints=hints).role()

    assert raised.value.param == "session.hints"


def test_turns_end_as_the_client_wishes() -> None:
    vad = {"type": "server_vad", "threshold": 0.7, "prefix_padding_ms": 200, "silence_duration_ms": 400}

    assert PLAIN.endpointing() == Endpointing()
    assert detecting(vad).endpointing() == Endpointing(0.7, 200, 400)
    assert detecting(None).endpointing() is None


def test_eagerness_is_a_matter_of_silence_here() -> None:
    waits_ms = []
    for eagerness in ("high", "auto", "medium", "low"):
        endpointing = detecting({"type": "semantic_vad", "eagerness": eagerness}).endpointing()
        assert endpointing is not None
        waits_ms.append(endpointing.silence_duration_ms)

    assert waits_ms == [300, 500, 500, 900]


def test_any_sound_counts_at_the_lowest_threshold() -> None:
    endpointing = detecting({"type": "server_vad", "threshold": 0}).endpointing()

    assert endpointing is not None
    assert 0 < endpointing.threshold < 0.05


@pytest.mark.parametrize(
    "change", [{"silence_duration_ms": 99}, {"silence_duration_ms": 5001}, {"prefix_padding_ms": 5001}]
)
def test_times_beyond_the_limits_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(EventError) as raised:
        detecting({"type": "server_vad", **change}).endpointing()

    assert raised.value.param == "session.audio.input.turn_detection"


@pytest.mark.parametrize(
    ("voice", "name"), [("marin", "marin"), ({"id": "cedar"}, "cedar"), ({}, ""), ({"id": 5}, "5")]
)
def test_a_voice_has_a_name(voice: str | dict[str, Any], name: str) -> None:
    assert voice_name(voice) == name
