"""The file of results: what was measured, when, and on what."""

import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.rows import Row

RESULTS: Final = Path(__file__).parent / "results"
BENCH: Final = RESULTS / "bench.json"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which the rows came about."""

    date: str
    command: str
    machine: str
    cores: int
    kernel: str
    python: str
    pinned: str
    load_before: float
    """Load average of the minute before: what else ran."""
    minutes: float
    versions: dict[str, str]
    skipped: dict[str, str]
    """Systems that were not measured, and why."""


@dataclass(frozen=True, slots=True)
class Results:
    """All of it."""

    circumstances: Circumstances
    rows: Sequence[Row]

    def to_json(self) -> dict[str, Any]:
        """As the file has it."""
        about = {name: getattr(self.circumstances, name) for name in Circumstances.__slots__}
        return {**about, "rows": [r.to_json() for r in self.rows]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """What was written so. KeyError, TypeError if it was not."""
        about = {name: value[name] for name in Circumstances.__slots__}
        return cls(Circumstances(**about), [Row.from_json(r) for r in value["rows"]])

    def write(self, path: Path = BENCH) -> None:
        """Keep it."""
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n")


def read_results(path: Path = BENCH) -> Results:
    """What the last run has kept. OSError, ValueError."""
    return Results.from_json(json.loads(path.read_text()))


def machine() -> str:
    """The processor's name and the memory, as Linux tells them."""
    name = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{name}, {memory_gb:.0f} GB"


def today() -> str:
    """The date in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime())
