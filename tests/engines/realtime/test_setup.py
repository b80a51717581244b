from typing import Any

import pytest
from openai.types.realtime import SessionUpdateEvent

from offhook.agents.policies import TurnDetection
from offhook.audio.formats import PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat, Encoding
from offhook.calls.conversation import AgentSaid, CallerSaid, Entry, Noted, ToolStatus, ToolUsed
from offhook.calls.engine import Brief, ToolSpec
from offhook.engines.realtime.setup import OUTCOME_UNKNOWN, session_config, session_format, told, turn_detection
from offhook.realtime_server.configuration import Configuration, updated
from offhook.wires.openai_realtime import items

PCM16_8K = AudioFormat(Encoding.PCM16, 8000)
TOOL = ToolSpec("hours", "Opening hours.", {"type": "object", "properties": {"day": {"type": "string"}}})


def config(transcription_model: str = "gpt-4o-mini-transcribe", **brief: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {"call_id": "call_1", "instructions": "Be brief.", "audio": PCMU_8K}
    return session_config(Brief(**(defaults | brief)), transcription_model)


@pytest.mark.parametrize(
    "brief",
    [
        {},
        {"audio": PCMA_8K},
        {"audio": PCM16_24K},
        {"voice": "marin", "language": "de"},
        {"tools": (TOOL, ToolSpec("now", "", {}))},
        {"turn_detection": TurnDetection(kind="semantic", eagerness="high")},
        {"turn_detection": TurnDetection(threshold=0.9, prefix_ms=0, silence_ms=50), "interrupt_itself": False},
    ],
)
def test_openais_own_types_and_a_strict_server_take_every_set_up(brief: dict[str, Any]) -> None:
    body = config(**brief)

    SessionUpdateEvent.model_validate({"type": "session.update", "session": body}, strict=True)
    effective = updated(Configuration(model="gpt-realtime-2"), body, has_spoken=False)

    assert effective.instructions == "Be brief."
    assert effective.input_format == effective.output_format == session_format(brief.get("audio", PCMU_8K))


def test_a_legs_own_format_is_asked_for_where_the_protocol_has_it() -> None:
    for leg, name in ((PCMU_8K, "audio/pcmu"), (PCMA_8K, "audio/pcma")):
        audio = config(audio=leg)["audio"]
        assert audio["input"]["format"] == audio["output"]["format"] == {"type": name}
        assert session_format(leg) == leg


def test_all_other_legs_are_given_linear_sound_at_24_khz() -> None:
    audio = config(audio=PCM16_8K)["audio"]

    assert audio["input"]["format"] == audio["output"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert session_format(PCM16_8K) == PCM16_24K


def test_server_vad_is_told_the_agents_numbers() -> None:
    policy = TurnDetection(threshold=0.7, prefix_ms=200, silence_ms=900)

    assert turn_detection(policy, interrupts=True) == {
        "type": "server_vad",
        "threshold": 0.7,
        "prefix_padding_ms": 200,
        "silence_duration_ms": 900,
        "create_response": True,
        "interrupt_response": True,
    }


def test_semantic_vad_is_told_only_what_it_knows() -> None:
    policy = TurnDetection(kind="semantic", eagerness="low")

    assert turn_detection(policy, interrupts=False) == {
        "type": "semantic_vad",
        "eagerness": "low",
        "create_response": True,
        "interrupt_response": False,
    }


def test_the_language_is_a_hint_for_the_transcription() -> None:
    assert config(language="de-CH")["audio"]["input"]["transcription"] == {
        "model": "gpt-4o-mini-transcribe",
        "language": "de-CH",
    }
    assert config()["audio"]["input"]["transcription"] == {"model": "gpt-4o-mini-transcribe"}


def test_without_a_transcription_model_nothing_is_written_down() -> None:
    assert "transcription" not in config(transcription_model="", language="de")["audio"]["input"]


def test_the_voice_is_the_agents_or_the_vendors_default() -> None:
    assert config(voice="cedar")["audio"]["output"]["voice"] == "cedar"
    assert "voice" not in config()["audio"]["output"]


def test_tools_are_functions_with_their_schema() -> None:
    assert config(tools=(TOOL,))["tools"] == [
        {"type": "function", "name": "hours", "description": "Opening hours.", "parameters": TOOL.parameters}
    ]
    assert config()["tools"] == []


HISTORY: tuple[Entry, ...] = (
    AgentSaid("item_0", "Hello, how can I help?", 0, sound_ms=2000, heard_ms=2000),
    CallerSaid("item_1", "When do you open?", 2100),
    ToolUsed("call_9", "hours", '{"day":"mon"}', 3000, ToolStatus.DONE, "9 to 5"),
    AgentSaid("item_2", "one two three four", 3100, sound_ms=4000, heard_ms=2000, cut=True),
    Noted("note_1", "The caller pressed 5.", 5000),
)


def test_an_earlier_conversation_is_told_in_order_and_only_as_far_as_it_was_heard() -> None:
    assert list(told(HISTORY)) == [
        items.assistant_text("Hello, how can I help?", "earlier_0"),
        items.user_text("When do you open?", "earlier_1"),
        items.function_call("call_9", "hours", '{"day":"mon"}', "earlier_2"),
        items.function_call_output("call_9", "9 to 5", "earlier_2_output"),
        items.assistant_text("one two", "earlier_3"),
        items.system_text("The caller pressed 5.", "earlier_4"),
    ]


def test_what_has_no_words_cannot_be_told() -> None:
    silent = (
        CallerSaid("a", None, 0),
        CallerSaid("b", "", 0),
        AgentSaid("c", "", 0),
        AgentSaid("d", "never heard", 0, sound_ms=900, heard_ms=0, cut=True),
    )

    assert list(told(silent)) == []


def test_of_a_tool_whose_end_nobody_saw_the_outcome_is_unknown() -> None:
    lost = ToolUsed("call_9", "book", "{}", 0, ToolStatus.INTENDED)

    assert list(told((lost,)))[1] == items.function_call_output("call_9", OUTCOME_UNKNOWN, "earlier_0_output")


def test_a_tool_that_still_runs_is_answered_later() -> None:
    running = ToolUsed("call_9", "book", "{}", 0, ToolStatus.INTENDED)

    assert [item.type for item in told((running,), frozenset({"call_9"}))] == ["function_call"]
