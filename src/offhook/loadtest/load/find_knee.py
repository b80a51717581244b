"""The search for the knee, run for real: one load test after another."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from offhook.loadtest.load.knee import Knee, KneeSearch, Verdict
from offhook.loadtest.load.plan import Plan
from offhook.loadtest.load.recording import Recording
from offhook.loadtest.load.report import OWN_CORE_LIMIT, Report
from offhook.loadtest.load.run import OnSecond, run
from offhook.loadtest.load.target import Target

ATTEMPTS: Final = 3
"""At one number of calls, when something else on the machine disturbs the test."""

BREAKS: Final = 2
"""So often a promise has to break at one number of calls: a neighbour's moment shall not end the search."""

OnStep = Callable[[int, Verdict, Report], None]


async def find_knee(
    plan: Plan,
    target: Target,
    *,
    most: int,
    recording: Recording | None = None,
    on_second: OnSecond | None = None,
    on_step: OnStep | None = None,
) -> tuple[Knee, Report | None]:
    """Raise ``plan.calls`` until the promise breaks, at most to ``most``.

    Return the knee, and the report of the largest number that held. ``on_step`` hears how each number went.
    """
    search = KneeSearch(plan.calls, most)
    taken = 0
    best: Report | None = None
    while (calls := search.next) is not None:
        verdicts: list[Verdict] = []
        while (verdict := settled(verdicts)) is None:
            report = await run(replace(plan, calls=calls), target, recording=recording, on_second=on_second)
            verdicts.append(verdict_on(report))
            taken = min(calls, report.most_streaming)
            if on_step is not None:
                on_step(calls, verdicts[-1], report)
            if verdicts[-1] is Verdict.HELD and (best is None or calls > best.plan.calls):
                best = report
        search.tell(calls, verdict, taken)
    return search.knee, best


def settled(verdicts: Sequence[Verdict]) -> Verdict | None:
    """How a number of calls went, by the attempts at it so far; None: try again."""
    if not verdicts:
        return None
    if verdicts[-1] in (Verdict.HELD, Verdict.OWN_LIMIT):
        return verdicts[-1]
    broke = [verdict for verdict in verdicts if verdict in (Verdict.BROKE, Verdict.REFUSED)]
    if len(broke) >= BREAKS or len(verdicts) >= ATTEMPTS:
        return broke[-1] if broke else Verdict.DISTURBED
    return None


def verdict_on(report: Report) -> Verdict:
    """How that went. A load tester that was too busy, or disturbed so that something broke, is no judge."""
    shares = (report.callers_core_share, report.far_end_core_share or 0.0)
    if max(shares) > OWN_CORE_LIMIT:
        return Verdict.OWN_LIMIT
    if report.calls.rejected:
        return Verdict.REFUSED
    if not report.broken:
        return Verdict.DISTURBED if report.disturbed else Verdict.HELD
    return Verdict.BROKE if report.is_calm or report.calls.not_set_up else Verdict.DISTURBED
