"""What is known of a call when it begins, and what it may take."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What does not change while a call lasts."""

    call_id: str
    direction: str
    """``inbound`` or ``outbound``."""
    caller: str
    dialled: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    created_at: float = field(default_factory=time.time)
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """What a call may take."""

    queue_ms: int = 2000
    """So much of the caller's sound may wait for the engine."""
    resume_s: float = 10.0
    """A call whose line was lost waits this long for it to come back."""
    engine_within_s: float = 5.0
    """A caller waits this long for an engine session, all tries together."""
