"""What the carrier is told when a call's stream has ended and it asks what comes next."""

from dataclasses import dataclass
from enum import StrEnum


class EndReason(StrEnum):
    """Why a call ended."""

    CALLER_HUNG_UP = "caller_hung_up"
    AGENT_HUNG_UP = "agent_hung_up"
    OPERATOR_HUNG_UP = "operator_hung_up"
    TRANSFERRED = "transferred"
    SILENCE = "silence"
    TIME_UP = "time_up"
    ENGINE_FAILED = "engine_failed"
    LINE_LOST = "line_lost"
    NEVER_CAME = "never_came"
    """The carrier was told where to stream, and did not."""
    NOT_ANSWERED = "not_answered"
    """An outbound call was busy, rejected, or nobody picked up."""
    DIAL_FAILED = "dial_failed"
    """The carrier refused to place an outbound call."""
    SHUT_DOWN = "shut_down"


@dataclass(frozen=True, slots=True)
class Goodbye:
    """Say a sentence, if there is one, and hang up."""

    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Connect the caller to somebody else."""

    to: str


Departure = Goodbye | Transfer
