"""The session object of this server: OpenAI's, with hints for the dialogue without a model.

Taken without effect: noise reduction, the transcription model (there is one), ``idle_timeout_ms``, token limits,
reasoning, tracing, truncation, and ``tool_choice`` but for "none".
"""

from collections.abc import Mapping
from typing import Any, Final

from offhook.dialogue.hints import Hints
from offhook.dialogue.port import Role, ToolSpec
from offhook.ears.endpointing import Endpointing
from offhook.errors import RecogniserError, WireError
from offhook.realtime_server.configuration import Configuration, FunctionTool, ServerVad
from offhook.realtime_server.refusal import EventError

SILENCE_BY_EAGERNESS_MS: Final[Mapping[str, int]] = {"low": 900, "medium": 500, "high": 300, "auto": 500}
"""``semantic_vad`` waits so long here: turns end by silence, whatever was said."""

_LEAST_THRESHOLD: Final = 0.01


class SpeechConfiguration(Configuration, frozen=True, kw_only=True):
    """``hints`` are sentences that callers say, by tool, and the greeting: see ``dialogue.hints``."""

    hints: dict[str, Any] | None = None

    def role(self) -> Role:
        """What a dialogue has to know. EventError for hints that break its limits."""
        try:
            hints = Hints.from_json(self.hints)
        except WireError as error:
            raise EventError("invalid_value", str(error), "session.hints") from error
        return Role(self.instructions, tuple(_spec(tool) for tool in self.tools), hints)

    def endpointing(self) -> Endpointing | None:
        """Where turns begin and end; None if the client says so itself. EventError for values beyond the limits."""
        match self.turn_detection:
            case None:
                return None
            case ServerVad() as vad:
                try:
                    return Endpointing(
                        threshold=max(vad.threshold, _LEAST_THRESHOLD),
                        prefix_padding_ms=vad.prefix_padding_ms,
                        silence_duration_ms=vad.silence_duration_ms,
                    )
                except RecogniserError as error:
                    raise EventError("invalid_value", error.reason, "session.audio.input.turn_detection") from error
            case semantic:
                return Endpointing(silence_duration_ms=SILENCE_BY_EAGERNESS_MS[semantic.eagerness])


def voice_name(voice: str | dict[str, Any]) -> str:
    """A voice is asked for by name, or as ``{"id": name}``."""
    return voice if isinstance(voice, str) else str(voice.get("id", ""))


def _spec(tool: FunctionTool) -> ToolSpec:
    description = tool.description if isinstance(tool.description, str) else ""
    return ToolSpec(tool.name, description, tool.parameters if isinstance(tool.parameters, dict) else {})
