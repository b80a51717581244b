"""What a gateway promises under load, held against a report.

A promise holds, is broken, or could not be seen. One that did not hold while the load tester was itself late too often
is *disturbed*: neither held nor broken, and no reason to be content.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from offhook.loadtest.load.report import Report, Way

LATE_MS: Final = 20.0
"""99 of 100 frames are less late than this."""

SHARE_MS: Final = 20.0
"""Of 99 of 100 answers: from the end of the caller's turn to the first sound, less what the far end takes."""

SET_UP_MS: Final = 6000.0
"""99 of 100 streams are open by then: the caller has heard it ring once (two seconds of tone, four of pause)."""

LOST_MS: Final = 500.0
"""Of one call, in the whole test."""


@dataclass(frozen=True, slots=True)
class Promise:
    """``held`` is None where it could not be seen, and where it is ``disturbed``."""

    name: str
    held: bool | None
    detail: str
    disturbed: bool = False

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.disturbed:
            return "disturbed"
        return {True: "held", False: "broken", None: "n/a"}[self.held]


def promises_of(report: "Report") -> tuple[Promise, ...]:
    """Lateness both ways, no sound lost, the gateway's share, no errors, calls taken, set up, not left in silence."""
    return (
        _punctual("up", report.up, report),
        _punctual("down", report.down, report),
        _whole("up", report.up, report),
        _whole("down", report.down, report),
        _quick(report),
        _without_errors(report),
        _taken(report),
        _set_up(report),
        _heard(report),
    )


def _judged(name: str, held: bool, detail: str, report: "Report") -> Promise:
    if held or report.is_calm:
        return Promise(name, held, detail)
    calm_s = report.measured_s - report.disturbed_s
    return Promise(name, None, f"{detail}, only {calm_s:.0f} of {report.measured_s:.0f} s calm", disturbed=True)


def _punctual(direction: str, way: "Way", report: "Report") -> Promise:
    name = f"p99 frame lateness below {LATE_MS:g} ms, {direction}"
    late_ms = None if way.lateness is None else way.lateness.quantile(0.99)
    if late_ms is None:
        return Promise(name, None, "not seen")
    return _judged(name, late_ms < LATE_MS, f"{late_ms:.1f} ms{_aside(report)}", report)


def _whole(direction: str, way: "Way", report: "Report") -> Promise:
    name = f"no sound is lost, {direction}"
    lost_ms, worst_ms = way.lost_ms(report.calls.streamed), way.worst_call_ms or 0.0
    gone_ms = max(lost_ms or 0.0, way.missing_ms)
    held = not gone_ms and worst_ms <= LOST_MS and not way.unheard
    if held and lost_ms is None and way.lateness is None:
        return Promise(name, None, "not seen")
    said = [f"{gone_ms:.0f} ms missing"]
    if worst_ms > LOST_MS:
        said.append(f"{worst_ms:.0f} ms of one call")
    if way.unheard:
        said.append(f"nothing came of {way.unheard} calls")
    return _judged(name, held, ", ".join(said), report)


def _quick(report: "Report") -> Promise:
    """Held if even the upper bound is, broken if even the lower bound is not; between them the far end was uneven."""
    name = f"p99 of the gateway's share of the response at most {SHARE_MS:g} ms"
    share, takes = report.own_share, report.far_end_takes
    slow_ms = report.response.quantile(0.99)
    if share is None or takes is None or slow_ms is None:
        return Promise(name, None, "not seen")
    most_ms, least_ms = share["p99"], max(0.0, slow_ms - (takes.max or 0.0))
    if most_ms <= SHARE_MS:
        return Promise(name, True, f"{most_ms:.1f} ms{_aside(report)}")
    if least_ms > SHARE_MS:
        return _judged(name, False, f"{least_ms:.1f} to {most_ms:.1f} ms{_aside(report)}", report)
    said = f"{least_ms:.1f} to {most_ms:.1f} ms: the far end itself was not even enough to tell"
    return Promise(name, None, said, disturbed=True)


def _without_errors(report: "Report") -> Promise:
    errors = sum(report.errors.values())
    kinds = "; ".join(f"{kind} ({count})" for kind, count in list(report.errors.items())[:3])
    return Promise("no errors", errors == 0, f"{errors}: {kinds}" if errors else "none")


def _taken(report: "Report") -> Promise:
    calls = report.calls
    said = f"{calls.streamed} of {calls.rung}"
    if calls.rejected:
        said += f", {calls.rejected} rejected: the door closed"
    return Promise("all calls are taken", calls.rung > 0 and calls.streamed >= calls.rung, said)


def _set_up(report: "Report") -> Promise:
    """A refusal is an answer, too; what is meant here is the call that got none, or too late."""
    name = f"calls are set up, p99 within {SET_UP_MS / 1000:g} s"
    calls, slow_ms = report.calls, report.set_up.quantile(0.99)
    if not calls.streamed and not calls.not_set_up:
        return Promise(name, None, "not seen")
    held = not calls.not_set_up and slow_ms is not None and slow_ms <= SET_UP_MS
    said = "none" if slow_ms is None else f"{slow_ms:.0f} ms"
    return Promise(name, held, said + (f", {calls.not_set_up} failed" if calls.not_set_up else ""))


def _heard(report: "Report") -> Promise:
    heard, unheard = report.first_sound.count, report.calls.unheard
    held = not unheard if heard or unheard else None
    said = f"{heard} of {report.calls.streamed}"
    return Promise("every caller hears something", held, said + (f": {unheard} heard nothing" if unheard else ""))


def _aside(report: "Report") -> str:
    if not report.disturbed_s or not report.is_calm:
        return ""
    return f", {report.disturbed_s:.0f} of {report.measured_s:.0f} s set aside"
