"""What is asked for when a session begins, and how an earlier conversation is told to it."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from offhook.agents.policies import TurnDetection
from offhook.audio.formats import PCM16_24K, AudioFormat, Encoding
from offhook.calls.conversation import AgentSaid, CallerSaid, Entry, Noted, ToolStatus, ToolUsed
from offhook.calls.engine import Brief
from offhook.wires.openai_realtime import items

WIRE_FORMATS: Final = {Encoding.PCMU: "audio/pcmu", Encoding.PCMA: "audio/pcma"}

OUTCOME_UNKNOWN: Final = (
    "Nobody knows if this was carried out, because the connection was lost. Do not do it again by yourself; "
    "find out with the caller."
)


def session_format(leg: AudioFormat) -> AudioFormat:
    """What a session should hear and speak: the leg's own format if the protocol has it, else linear at 24 kHz."""
    return leg if leg.encoding in WIRE_FORMATS else PCM16_24K


def session_config(brief: Brief, transcription_model: str) -> dict[str, Any]:
    """The body of session.update (GA)."""
    audio = session_format(brief.audio)
    wire_format: dict[str, Any] = (
        {"type": WIRE_FORMATS[audio.encoding]}
        if audio.encoding in WIRE_FORMATS
        else {"type": "audio/pcm", "rate": audio.rate_hz}
    )
    hearing: dict[str, Any] = {
        "format": wire_format,
        "turn_detection": turn_detection(brief.turn_detection, interrupts=brief.interrupt_itself),
    }
    if transcription_model:
        language = {"language": brief.language} if brief.language else {}
        hearing["transcription"] = {"model": transcription_model, **language}
    voice = {"voice": brief.voice} if brief.voice else {}
    return {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": brief.instructions,
        "audio": {"input": hearing, "output": {"format": wire_format, **voice}},
        "tools": [
            {"type": "function", "name": t.name, "description": t.description, "parameters": t.parameters}
            for t in brief.tools
        ],
        "tool_choice": "auto",
    }


def turn_detection(policy: TurnDetection, *, interrupts: bool) -> dict[str, Any]:
    """The agent's wishes in the protocol's words."""
    replies = {"create_response": True, "interrupt_response": interrupts}
    if policy.kind == "semantic":
        return {"type": "semantic_vad", "eagerness": policy.eagerness, **replies}
    return {
        "type": "server_vad",
        "threshold": policy.threshold,
        "prefix_padding_ms": policy.prefix_ms,
        "silence_duration_ms": policy.silence_ms,
        **replies,
    }


def told(history: Iterable[Entry], running_tools: frozenset[str] = frozenset()) -> Iterator[items.Item]:
    """An earlier conversation as items of a new session: of the agent's turns, what was heard.

    Items get new ids, because those of an old session mean nothing to a new one. Sound cannot be given back; its words
    can.
    """
    for number, entry in enumerate(history):
        item_id = f"earlier_{number}"
        match entry:
            case CallerSaid(text=str(text)) if text:
                yield items.user_text(text, item_id)
            case AgentSaid() if entry.heard_text:
                yield items.assistant_text(entry.heard_text, item_id)
            case ToolUsed():
                yield items.function_call(entry.id, entry.name, entry.arguments, item_id)
                if entry.id not in running_tools:
                    unknown = OUTCOME_UNKNOWN if entry.status is ToolStatus.INTENDED else ""
                    yield items.function_call_output(entry.id, entry.output or unknown, f"{item_id}_output")
            case Noted():
                yield items.system_text(entry.text, item_id)
