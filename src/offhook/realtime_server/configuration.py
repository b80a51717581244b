"""The session object: its defaults, what an update may say, and how it merges.

The structs below are the table of section "session" in OpenAI's Realtime reference; msgspec checks against them, and
what it finds becomes the error that the vendor would send, with the path of the parameter. Only realtime sessions are
held, no transcription sessions, and tools are functions, not MCP servers. What a server does with a field is its own
affair; one that understands more adds fields in a subclass of ``Configuration``, and any other refuses them as unknown.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from offhook.audio.formats import PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat
from offhook.realtime_server.refusal import EventError


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Pcm(_Part, frozen=True, tag_field="type", tag="audio/pcm"):
    """Linear, 24 kHz and no other rate."""

    rate: Literal[24000] = 24000


class Pcmu(_Part, frozen=True, tag_field="type", tag="audio/pcmu"):
    """G.711 µ-law."""


class Pcma(_Part, frozen=True, tag_field="type", tag="audio/pcma"):
    """G.711 A-law."""


Format = Pcm | Pcmu | Pcma
_FORMATS: Final[Mapping[type, AudioFormat]] = {Pcm: PCM16_24K, Pcmu: PCMU_8K, Pcma: PCMA_8K}

LONGEST_MS: Final = 3_600_000
"""Of any time that a client may set: an hour, which is as long as a session lasts."""

MAX_DEPTH: Final = 64
"""Objects and arrays within one another, in what a client sets."""

_Milliseconds = Annotated[int, Meta(ge=0, le=LONGEST_MS)]


class ServerVad(_Part, frozen=True, tag_field="type", tag="server_vad"):
    """Turns by sound and silence: how sure is speech, how much before it belongs to it, how long a silence ends it."""

    threshold: Annotated[float, Meta(ge=0, le=1)] = 0.5
    prefix_padding_ms: _Milliseconds = 300
    silence_duration_ms: _Milliseconds = 500
    idle_timeout_ms: _Milliseconds | None = None
    create_response: bool = True
    interrupt_response: bool = True


class SemanticVad(_Part, frozen=True, tag_field="type", tag="semantic_vad"):
    """Turns by meaning: how eagerly to answer. Carries no times; a server that goes by silence uses its own."""

    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    create_response: bool = True
    interrupt_response: bool = True


class NoiseReduction(_Part, frozen=True, omit_defaults=True):
    """How far the microphone is from the caller."""

    type: Literal["near_field", "far_field"]
    strength: float | UnsetType = UNSET


class Transcription(_Part, frozen=True, omit_defaults=True):
    """Of the caller. That it is there switches transcripts on."""

    model: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    prompt: str | UnsetType = UNSET
    languages: list[str] | UnsetType = UNSET
    keywords: list[str] | UnsetType = UNSET
    delay: Literal["minimal", "low", "medium", "high", "xhigh"] | UnsetType = UNSET


class Input(_Part, frozen=True):
    """The caller's sound."""

    format: Format = Pcm()
    transcription: Transcription | None = None
    noise_reduction: NoiseReduction | None = None
    turn_detection: ServerVad | SemanticVad | None = ServerVad()


class Output(_Part, frozen=True):
    """The model's sound. ``speed`` is a multiple of the voice's own."""

    format: Format = Pcm()
    voice: str | dict[str, Any] = "marin"
    speed: Annotated[float, Meta(ge=0.25, le=1.5)] = 1.0


class Audio(_Part, frozen=True):
    """Both directions."""

    input: Input = Input()
    output: Output = Output()


class FunctionTool(_Part, frozen=True, tag_field="type", tag="function", omit_defaults=True):
    """A function the model may call; ``parameters`` is a JSON schema."""

    name: str
    description: str | UnsetType = UNSET
    parameters: dict[str, Any] | UnsetType = UNSET


_Modalities = Annotated[list[Literal["text", "audio"]], Meta(min_length=1, max_length=1)]
_ToolChoice = Literal["auto", "none", "required"] | dict[str, Any]
_MaxTokens = Annotated[int, Meta(ge=1, le=4096)] | Literal["inf"]


class Configuration(_Part, frozen=True, kw_only=True):
    """What holds for one session. A server that takes more fields than these adds them in a subclass."""

    type: Literal["realtime"] = "realtime"
    model: str
    output_modalities: _Modalities = msgspec.field(default_factory=lambda: ["audio"])
    instructions: str = ""
    audio: Audio = Audio()
    tools: list[FunctionTool] = []
    tool_choice: _ToolChoice = "auto"
    max_output_tokens: _MaxTokens = "inf"
    parallel_tool_calls: bool | None = None
    reasoning: dict[str, Any] | None = None
    truncation: Literal["auto", "disabled"] | dict[str, Any] = "auto"
    tracing: Literal["auto"] | dict[str, Any] | None = None
    prompt: dict[str, Any] | None = None
    include: list[str] | None = None

    @property
    def input_format(self) -> AudioFormat:
        """Of the caller's sound."""
        return _FORMATS[type(self.audio.input.format)]

    @property
    def output_format(self) -> AudioFormat:
        """Of the model's sound."""
        return _FORMATS[type(self.audio.output.format)]

    @property
    def turn_detection(self) -> ServerVad | SemanticVad | None:
        """None: the client commits and asks for responses itself."""
        return self.audio.input.turn_detection

    @property
    def in_text(self) -> bool:
        """Replies are text, without sound."""
        return self.output_modalities == ["text"]

    def as_session(self, **more: Any) -> dict[str, Any]:
        """The whole session object as it goes out, with ``more`` of what only a server knows."""
        return {"object": "realtime.session", **more, **msgspec.to_builtins(self)}


_MERGED = frozenset({"audio", "input", "output", "turn_detection", "transcription", "noise_reduction"})
"""Objects within the session of which an update may name a part; all others are replaced whole."""


_Configuration = TypeVar("_Configuration", bound=Configuration)


def updated(current: _Configuration, changes: Mapping[str, Any], *, has_spoken: bool) -> _Configuration:
    """Return ``current`` with the fields that are present in ``changes`` (a session.update's ``session``).

    The result is of the class of ``current``, which says what fields there are.
    ``has_spoken``: the model has already been heard, so its voice is fixed. Raises EventError.
    """
    if "type" not in changes:
        raise EventError("missing_required_parameter", "Missing required parameter: 'session.type'.", "session.type")
    _check_depth(changes, "session")
    result = _checked(_merged(msgspec.to_builtins(current), changes), type(current), "session")
    if result.model != current.model:
        raise EventError("invalid_value", f"The model of a session is fixed: {current.model!r}.", "session.model")
    if has_spoken and result.audio.output.voice != current.audio.output.voice:
        raise EventError(
            "cannot_update_voice",
            "Cannot update a conversation's voice if assistant audio is present.",
            "session.audio.output.voice",
        )
    return result


class OutputOverride(_Part, frozen=True):
    """How one response shall sound."""

    format: Format | None = None
    voice: str | dict[str, Any] | None = None


class AudioOverride(_Part, frozen=True):
    """How one response shall sound."""

    output: OutputOverride = OutputOverride()


class ResponseParams(_Part, frozen=True):
    """What a response.create asks for this one response."""

    conversation: str = "auto"
    instructions: str | None = None
    output_modalities: _Modalities | None = None
    audio: AudioOverride = AudioOverride()
    tools: list[FunctionTool] | None = None
    tool_choice: _ToolChoice | None = None
    metadata: dict[str, str] | None = None
    max_output_tokens: _MaxTokens | None = None
    input: list[dict[str, Any]] | None = None
    parallel_tool_calls: bool | None = None
    reasoning: dict[str, Any] | None = None
    prompt: dict[str, Any] | None = None

    def output_format(self, configuration: Configuration) -> AudioFormat:
        """Of this response's sound."""
        wanted = self.audio.output.format
        return configuration.output_format if wanted is None else _FORMATS[type(wanted)]

    def in_text(self, configuration: Configuration) -> bool:
        """Whether this response is text, without sound."""
        return configuration.in_text if self.output_modalities is None else self.output_modalities == ["text"]

    def may_call_tools(self, configuration: Configuration) -> bool:
        """Whether this response may call functions."""
        return (configuration.tool_choice if self.tool_choice is None else self.tool_choice) != "none"


def response_params(given: Mapping[str, Any] | None) -> ResponseParams:
    """Check a response.create's ``response``. Raises EventError."""
    _check_depth(given, "response")
    params = _checked({k: v for k, v in (given or {}).items() if v is not None}, ResponseParams, "response")
    if params.conversation == "none":
        raise EventError(
            "unsupported_parameter", "This server gives no responses out of the conversation.", "response.conversation"
        )
    if params.conversation != "auto":
        raise EventError("invalid_value", f"Invalid value: {params.conversation!r}.", "response.conversation")
    return params


def _merged(current: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(current)
    for name, value in changes.items():
        old = current.get(name)
        if name not in _MERGED or not isinstance(old, dict) or not isinstance(value, dict):
            result[name] = value
        elif name == "turn_detection" and value.get("type", old["type"]) != old["type"]:
            result[name] = value  # of another kind: the fields of the old one mean nothing to it
        else:
            result[name] = _merged(old, value)
    return result


def _check_depth(value: object, root: str) -> None:
    """What could be read may still be too deep to be written: refuse it long before that."""
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for each in level:
            if isinstance(each, Mapping):
                below.extend(each.values())
            elif isinstance(each, list):
                below.extend(each)
        if not below:
            return
        level = below
    raise EventError("invalid_value", f"Invalid value for '{root}': nested more than {MAX_DEPTH} deep.", root)


_Checked = TypeVar("_Checked")
_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]*)`")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]*)`")
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


def _checked(value: Mapping[str, Any], wanted: type[_Checked], root: str) -> _Checked:
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), root) from None


def _refusal(finding: str, root: str) -> EventError:
    at = _PATH.search(finding)
    path = root + (f".{at['path']}" if at and at["path"] else "")
    if unknown := _UNKNOWN.search(finding):
        param = f"{path}.{unknown['name']}"
        return EventError("unknown_parameter", f"Unknown parameter: '{param}'.", param)
    if missing := _MISSING.search(finding):
        param = f"{path}.{missing['name']}"
        return EventError("missing_required_parameter", f"Missing required parameter: '{param}'.", param)
    return EventError("invalid_value", f"Invalid value for '{path}': {_PATH.sub('', finding)}.", path)
