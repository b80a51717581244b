"""The page that Prometheus reads, in its text format or as OpenMetrics, made when it asks.

https://prometheus.io/docs/instrumenting/exposition_formats/ ; https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

import platform
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from offhook.telemetry import metrics
from offhook.telemetry.metric import WORKER_LABEL, Kind, Metric
from offhook.telemetry.metrics import TABLE
from offhook.telemetry.readings import Reading, Source
from offhook.telemetry.tally import Tally

OPENMETRICS: Final = "application/openmetrics-text"
TEXT: Final = "text/plain"


class Exposition:
    """The page of one worker. ``sources`` are asked in turn."""

    def __init__(self, worker: str, version: str, sources: Iterable[Source]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(worker, version, tuple(sources)))

    def page(self, accept: str = "") -> tuple[bytes, str]:
        """The page and its content type. ``accept`` is the header of the request: OpenMetrics if it names it."""
        # Not given as it came: the library raises at versions that are no numbers.
        encode, content_type = choose_encoder(OPENMETRICS if OPENMETRICS in accept.lower() else TEXT)
        return encode(self._registry), content_type


class _Collector(Collector):
    def __init__(self, worker: str, version: str, sources: tuple[Source, ...]) -> None:
        self._worker = worker
        self._sources = sources
        self._build = Reading(metrics.BUILD, 1, (version, platform.python_version()))
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        GCCollector(registry=self._process)

    def describe(self) -> list[Family]:
        """Nothing, so that registering does not ask the sources, which may not be ready."""
        return []

    def collect(self) -> Iterator[Family]:
        families = {row.name: _family(row) for row in TABLE if row not in metrics.PROCESS}
        for source in self._sources:
            for reading in source():
                self._add(families[reading.metric.name], reading)
        self._add(families[metrics.BUILD.name], self._build)
        yield from families.values()
        yield from self._about_process()

    def _add(self, family: Family, reading: Reading) -> None:
        labels = [self._worker, *reading.labels]
        match family, reading.value:
            case HistogramMetricFamily(), Tally() as tally:
                names = (*map(floatToGoString, tally.bounds), "+Inf")
                family.add_metric(labels, list(zip(names, accumulate(tally.counts), strict=True)), tally.sum)
            case InfoMetricFamily(), _:
                names = tuple(label.name for label in reading.metric.labels)
                family.add_metric([self._worker], dict(zip(names, reading.labels, strict=True)))
            case ((CounterMetricFamily() | GaugeMetricFamily()), (int() | float()) as value):
                family.add_metric(labels, value)
            case _:
                raise TypeError(f"{reading.metric.name} is a {reading.metric.kind}, not {reading.value!r}")

    def _about_process(self) -> Iterator[Family]:
        rows = {row.family: row for row in metrics.PROCESS}
        for family in self._process.collect():
            if (row := rows.get(family.name)) is not None:  # a later version of the library may know more
                family.documentation = row.help
                family.samples = [
                    sample._replace(labels={WORKER_LABEL: self._worker, **sample.labels}) for sample in family.samples
                ]
                yield family


def _family(row: Metric) -> Family:
    labels = [WORKER_LABEL, *(label.name for label in row.labels)]
    match row.kind:
        case Kind.COUNTER:
            return CounterMetricFamily(row.family, row.help, labels=labels, unit=row.unit)
        case Kind.GAUGE:
            return GaugeMetricFamily(row.family, row.help, labels=labels, unit=row.unit)
        case Kind.HISTOGRAM:
            return HistogramMetricFamily(row.family, row.help, labels=labels, unit=row.unit)
        case Kind.INFO:
            return InfoMetricFamily(row.family, row.help, labels=[WORKER_LABEL])
