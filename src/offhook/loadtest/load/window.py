"""What was measured, second by second.

A load tester that is late itself sees its own lateness, and on a machine that does other things too that happens. So
seconds in which callers or far end sent late, and the one after each, are set aside, if enough others are left.
"""

from typing import Final

from offhook.loadtest.figures.distribution import Distribution
from offhook.loadtest.load.sampler import Snapshot
from offhook.loadtest.load.tally import FINE

OWN_LATE_MS: Final = 10.0
"""Half of what is promised: a second in which the load tester sent so late (p99) is a disturbed one."""

CALM_SHARE: Final = 0.8
"""Of the time: when less of it was undisturbed, nothing is set aside, and a promise that does not hold is disturbed."""

LEAST_CALM_S: Final = 0.5


class Window:
    """Lateness both ways, responses, and how many calls there were."""

    def __init__(self) -> None:
        self.lasted_s = 0.0
        self.disturbed_s = 0.0
        self._call_seconds = 0.0
        self._was_late = False
        self._all = (Distribution(), Distribution(), Distribution(FINE))
        self._calm = (Distribution(), Distribution(), Distribution(FINE))

    @property
    def mean_live(self) -> float:
        """Calls, on average."""
        return self._call_seconds / self.lasted_s if self.lasted_s else 0.0

    @property
    def is_calm(self) -> bool:
        """Enough of it was undisturbed."""
        return self.lasted_s - self.disturbed_s >= max(CALM_SHARE * self.lasted_s, LEAST_CALM_S)

    @property
    def up(self) -> Distribution:
        """Lateness at the far end, of the undisturbed seconds if there are enough."""
        return (self._calm if self.is_calm else self._all)[0]

    @property
    def down(self) -> Distribution:
        """Lateness at the callers, likewise."""
        return (self._calm if self.is_calm else self._all)[1]

    @property
    def response(self) -> Distribution:
        """What callers waited for an answer, likewise."""
        return (self._calm if self.is_calm else self._all)[2]

    def add(self, before: Snapshot, now: Snapshot) -> None:
        """The time between two looks, about a second."""
        lasted_s = now.at - before.at
        self.lasted_s += lasted_s
        self._call_seconds += (before.streaming + now.streaming) / 2 * lasted_s
        senders = [now.sending.since(before.sending)]
        heard = [Distribution(), now.lateness.since(before.lateness), now.response.since(before.response)]
        if before.far is not None and now.far is not None:
            senders.append(now.far.sending.since(before.far.sending))
            heard[0] = now.far.lateness.since(before.far.lateness)
        is_late = any((sender.quantile(0.99) or 0.0) >= OWN_LATE_MS for sender in senders)
        if is_late or self._was_late:
            self.disturbed_s += lasted_s
        for at, each in enumerate(heard):
            self._all[at].merge(each)
            if not (is_late or self._was_late):
                self._calm[at].merge(each)
        self._was_late = is_late
