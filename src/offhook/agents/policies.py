"""How an agent behaves on the line: small frozen values, checked when they are made.

Defaults are those of the OpenAI Realtime API where it has the setting
(https://platform.openai.com/docs/guides/realtime-vad). Each raises AgentError for a value outside its limits.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from offhook.agents.checked import Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDetection(Checked):
    """When the caller's turn begins and ends."""

    kind: Literal["server", "semantic"] = "server"
    """``server`` goes by loudness and pauses, ``semantic`` by whether the sentence sounds finished."""

    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How sure the detector must be that it hears speech, 0 to 1; higher for noisy lines. Only for ``server``."""

    prefix_ms: Annotated[int, Field(ge=0, le=5_000)] = 300
    """Sound kept from before the speech was noticed, at most 5 seconds. Only for ``server``."""

    silence_ms: Annotated[int, Field(ge=50, le=10_000)] = 500
    """So long a pause ends the turn, 50 ms to 10 seconds. Only for ``server``."""

    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    """How soon the agent answers when the sentence may be finished. Only for ``semantic``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BargeIn(Checked):
    """Whether a caller who speaks during a reply cuts it."""

    allowed: bool = True
    """If not, replies are always said to their end."""

    hold_ms: Annotated[int, Field(ge=0, le=5_000)] = 0
    """The caller must speak this long before the reply is cut, at most 5 seconds: a cough does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilencePolicy(Checked):
    """What happens when nobody speaks."""

    after_s: Annotated[float, Field(ge=0, le=3_600)] = 20.0
    """After so long a silence the agent asks whether the caller is there, at most an hour; 0 switches this off."""

    checks: Annotated[int, Field(ge=0, le=20)] = 2
    """So many questions may stay unanswered; at the next silence the agent says goodbye and hangs up."""
