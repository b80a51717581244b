"""What a row of the table in ``metrics`` is made of."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WORKER_LABEL: Final = "worker"
OTHER: Final = "other"
"""The label value of what is not listed."""


class Kind(StrEnum):
    """What Prometheus takes it for."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Label:
    """By what a metric is told apart. ``values``: all there can be, besides OTHER; None: see ``said``."""

    name: str
    values: tuple[str, ...] | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """One row. ``help`` stands on the page and says what is counted; ``tells`` is for the docs: what it is good for."""

    name: str
    kind: Kind
    help: str
    tells: str
    labels: tuple[Label, ...] = ()
    unit: str = ""
    bounds: tuple[float, ...] = ()
    """Of a histogram's buckets, in ``unit``."""

    @property
    def family(self) -> str:
        """The name without what the kind adds to it (OpenMetrics 1.0, "MetricFamily")."""
        return self.name.removesuffix("_total").removesuffix("_info" if self.kind is Kind.INFO else "")
