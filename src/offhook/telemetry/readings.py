"""Numbers on their way to ``GET /metrics``: counted by label where things happen, read when somebody asks."""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any, NamedTuple

from offhook.telemetry import metrics
from offhook.telemetry.feed import Feed
from offhook.telemetry.logs import lines_lost
from offhook.telemetry.measures import Measures
from offhook.telemetry.metric import OTHER, Metric
from offhook.telemetry.tally import Tally


class Reading(NamedTuple):
    """The value of one row of the table now. ``labels`` are the values of its labels, in their order."""

    metric: Metric
    value: float | Tally
    labels: tuple[str, ...] = ()


Source = Callable[[], Iterable[Reading]]
"""Asked at each scrape, on the loop."""


class Counts:
    """A counter by its labels. What it may be told apart by is known beforehand, and shown as 0 until it happens."""

    __slots__ = ("_counts", "_known", "_metric")

    def __init__(self, metric: Metric, **known: Iterable[str]) -> None:
        """``known``: the values of labels for which the table lists none."""
        self._metric = metric
        self._known = _known(metric, known)
        self._counts: dict[tuple[str, ...], float] = dict.fromkeys(product(*self._known), 0)

    def add(self, *labels: str) -> None:
        """One more. A value that is not known counts as OTHER."""
        try:
            self._counts[labels] += 1
        except KeyError:
            labels = _bounded(labels, self._known)
            self._counts[labels] = self._counts.get(labels, 0) + 1

    def readings(self) -> Iterator[Reading]:
        """All counts."""
        for labels, count in self._counts.items():
            yield Reading(self._metric, count, labels)


class Tallies:
    """A histogram by its labels; as Counts."""

    __slots__ = ("_known", "_metric", "_tallies")

    def __init__(self, metric: Metric, **known: Iterable[str]) -> None:
        self._metric = metric
        self._known = _known(metric, known)
        self._tallies = {labels: Tally(metric.bounds) for labels in product(*self._known)}

    def add(self, value: float, *labels: str) -> None:
        """See one value."""
        tally = self._tallies.get(labels)
        if tally is None:
            labels = _bounded(labels, self._known)
            tally = self._tallies.setdefault(labels, Tally(self._metric.bounds))
        tally.add(value)

    def readings(self) -> Iterator[Reading]:
        """All tallies."""
        for labels, tally in self._tallies.items():
            yield Reading(self._metric, tally, labels)


def measured(measures: Measures) -> Iterator[Reading]:
    """What is measured on the media path."""
    yield Reading(metrics.FRAME_CONVERSION, measures.conversion_s)
    yield Reading(metrics.FRAME_LATENESS, measures.frame_lateness_s)
    yield Reading(metrics.LOOP_LAG, measures.loop_lag_s)
    yield Reading(metrics.BARGE_IN, measures.barge_in_s)
    yield Reading(metrics.ENGINE_ROUND_TRIP, measures.engine_round_trip_s)
    yield Reading(metrics.SOUND_DROPPED, measures.caller_sound_dropped_ms / 1000)


def missed(feed: Feed[Any]) -> Iterator[Reading]:
    """What people who watch did not get to see."""
    yield Reading(metrics.FEED_LOST, feed.lost)
    yield Reading(metrics.LOG_LOST, lines_lost())


def _known(metric: Metric, given: dict[str, Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(given[label.name]) if label.values is None else label.values for label in metric.labels)


def _bounded(labels: tuple[str, ...], known: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(label if label in values else OTHER for label, values in zip(labels, known, strict=True))
