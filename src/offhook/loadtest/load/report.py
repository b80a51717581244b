"""What a load test found: values, and the promises held against them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.load.plan import Plan
from offhook.loadtest.load.promises import Promise, promises_of
from offhook.loadtest.load.target import Target

SCHEMA: Final = 2
"""Rises when a field of the JSON changes its meaning or goes."""

OWN_CORE_LIMIT: Final = 0.7
"""Above this share of a core the load tester measures itself."""

IN_FLIGHT_MS: Final = 200.0
"""Per call that was taken: so much is on its way when a call ends, or waits for a session that is still being opened.
What all calls together sent and was not received counts as lost above this. What one call lost is seen by itself."""


@dataclass(frozen=True, slots=True)
class Way:
    """Sound in one direction, while it was measured; milliseconds. None: it could not be seen."""

    lateness: Distribution | None
    sending: Distribution | None
    """How late the sender, a part of the load tester, was itself."""
    sent_ms: float | None
    """In the whole test, as is the rest."""
    received_ms: float | None
    missing_ms: float
    """Steps in lateness that stayed, while it was measured, and what could not be sent."""
    worst_call_ms: float | None = None
    """What the call that lost most has lost, in the whole test; None: it could not be seen."""
    unheard: int = 0
    """Calls of which no sound came to the far end at all."""

    def lost_ms(self, calls: int) -> float | None:
        """Sound that never arrived, in so many calls; None if one end is not ours."""
        if self.sent_ms is None or self.received_ms is None:
            return None
        gone = self.sent_ms - self.received_ms
        return max(0.0, gone) if gone > IN_FLIGHT_MS * calls else 0.0

    def to_json(self, calls: int) -> dict[str, Any]:
        """As in the report."""
        lost_ms = self.lost_ms(calls)
        return {
            "lateness_ms": _told(self.lateness),
            "own_lateness_in_sending_ms": _told(self.sending),
            "sent_ms": _rounded(self.sent_ms),
            "received_ms": _rounded(self.received_ms),
            "missing_ms": round(self.missing_ms),
            "lost_ms": _rounded(lost_ms),
            "worst_call_lost_ms": _rounded(self.worst_call_ms),
            "unheard_calls": self.unheard,
        }


@dataclass(frozen=True, slots=True)
class Calls:
    """What became of the calls, in the whole test."""

    rung: int
    streamed: int
    """Their stream was opened."""
    completed: int
    rejected: int
    failed: int
    mean_live: float
    """While it was measured."""
    turns: int
    silences: int
    unheard: int = 0
    """Were taken and lasted long enough, and their caller heard nothing."""

    @property
    def not_set_up(self) -> int:
        """Neither taken nor refused: the call failed before its stream was open."""
        return max(0, self.rung - self.streamed - self.rejected)


@dataclass(frozen=True, slots=True)
class ServerUse:
    """What the gateway's process used, while it was measured."""

    core_share: float
    cpu_ms_per_call_second: float
    rss_bytes: int
    rss_bytes_per_call: float
    """Above what it used before the first call."""


@dataclass(frozen=True, slots=True)
class Second:
    """One moment of the test, for the timeline; about a second after the one before."""

    at_s: float
    streaming: int
    errors: int
    """So far."""
    lateness_up_p99_ms: float | None
    lateness_down_p99_ms: float | None
    server_core_share: float | None
    callers_core_share: float
    far_end_core_share: float | None
    rss_bytes: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """One load test. Distributions are in milliseconds."""

    plan: Plan
    target: Target
    began: str
    """UTC, ISO 8601."""
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    calls: Calls
    set_up: Distribution
    first_sound: Distribution
    response: Distribution
    far_end_takes: Distribution | None
    """Of the response, what the far end takes by design: its pause and its thinking."""
    up: Way
    down: Way
    errors: Mapping[str, int]
    server: ServerUse | None
    callers_core_share: float
    far_end_core_share: float | None
    seconds: tuple[Second, ...]
    measured_s: float
    disturbed_s: float
    """Of that time the load tester was itself late in sending."""
    is_calm: bool
    """So much was undisturbed that lateness and response are told of that alone; else of all of it."""
    promises: tuple[Promise, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "promises", promises_of(self))

    @property
    def broken(self) -> tuple[Promise, ...]:
        """The promises that did not hold."""
        return tuple(promise for promise in self.promises if promise.held is False)

    @property
    def disturbed(self) -> tuple[Promise, ...]:
        """The promises that cannot be told: the load tester was too often late itself."""
        return tuple(promise for promise in self.promises if promise.disturbed)

    @property
    def most_streaming(self) -> int:
        """Calls at a time, at the most."""
        return max((second.streaming for second in self.seconds), default=self.calls.streamed)

    @property
    def own_share(self) -> dict[str, float] | None:
        """The gateway's share of the response time in ms, by quantile; None if it cannot be told.

        What the far end takes (its median) is subtracted from the callers' quantiles, so the far end's own unevenness
        counts against the gateway: these are upper bounds.
        """
        if self.far_end_takes is None or not self.response.count:
            return None
        usual = self.far_end_takes.quantile(0.5)
        if usual is None:
            return None
        shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
        return {
            name: round(max(0.0, (self.response.quantile(share) or 0.0) - usual), 1) for name, share in shares.items()
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why the figures may be the load tester's own."""
        found: list[str] = []
        for name, share in (("callers", self.callers_core_share), ("far end", self.far_end_core_share)):
            if share is not None and share > OWN_CORE_LIMIT:
                found.append(
                    f"the {name} used {share:.0%} of a core, more than {OWN_CORE_LIMIT:.0%}: "
                    "the figures are the load tester's own"
                )
        if self.disturbed_s:
            said = f"in {self.disturbed_s:.0f} of {self.measured_s:.0f} s the load tester was late in sending"
            found.append(
                f"{said}: they are set aside, and lateness and response are of the others"
                if self.is_calm
                else f"{said}, too many to leave them out: lateness may be its own, or that of a machine that is busy"
            )
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """All of it; ``docs/load.md`` says what the fields mean."""
        plan, target = self.plan, self.target
        return {
            "schema": SCHEMA,
            "began": self.began,
            "machine": dict(self.machine),
            "versions": dict(self.versions),
            "plan": {**asdict(plan), "pattern": plan.pattern.value},
            "target": {"voice_url": target.voice_url, "scripted_far_end": target.is_scripted},
            "calls": asdict(self.calls),
            "set_up_ms": _told(self.set_up),
            "first_sound_ms": _told(self.first_sound),
            "response_ms": _told(self.response),
            "far_end_takes_ms": _told(self.far_end_takes),
            "gateway_share_of_response_ms": self.own_share,
            "up": self.up.to_json(self.calls.streamed),
            "down": self.down.to_json(self.calls.streamed),
            "errors": dict(self.errors),
            "server": None if self.server is None else asdict(self.server),
            "load_tester": {
                "callers_core_share": round(self.callers_core_share, 4),
                "far_end_core_share": None if self.far_end_core_share is None else round(self.far_end_core_share, 4),
                "measured_s": self.measured_s,
                "disturbed_s": self.disturbed_s,
                "is_calm": self.is_calm,
                "warnings": list(self.warnings),
            },
            "promises": [asdict(promise) for promise in self.promises],
            "seconds": [asdict(second) for second in self.seconds],
        }


def _told(distribution: Distribution | None) -> dict[str, Any] | None:
    """None if it was not seen."""
    return None if distribution is None else {**distribution.summary(), "distribution": distribution.to_json()}


def _rounded(value: float | None) -> int | None:
    return None if value is None else round(value)
