"""Which core is whose: the server under test has one for itself."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

Cores = frozenset[int]


@dataclass(frozen=True, slots=True)
class CorePlan:
    """Core numbers. An empty set pins nothing: the system cannot, or has one core for all."""

    server: Cores
    callers: Cores
    far_end: Cores

    @property
    def shared(self) -> bool:
        """Callers and far end divide a core between them."""
        return self.callers == self.far_end

    def __str__(self) -> str:
        if not self.server:
            return "nothing pinned: server, callers and far end share all cores"
        if self.shared:
            return f"server on core {_names(self.server)}, callers and far end on core {_names(self.callers)}"
        return (
            f"server on core {_names(self.server)}, callers on core {_names(self.callers)}, "
            f"far end on core {_names(self.far_end)}"
        )


def plan(available: Sequence[int]) -> CorePlan:
    """Two cores: callers and far end share one. Three or more: each has its own, and the first stays the system's."""
    cores = sorted(available)
    if len(cores) < 2:
        nobody: Cores = frozenset()
        return CorePlan(nobody, nobody, nobody)
    server = frozenset({cores[-1]})
    if len(cores) == 2:
        rest = frozenset(cores[:-1])
        return CorePlan(server, rest, rest)
    return CorePlan(server, frozenset({cores[-2]}), frozenset({cores[-3]}))


def available() -> list[int]:
    """The cores that this process may use; none where processes cannot be pinned."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@contextmanager
def on(cores: Cores) -> Iterator[None]:
    """What is started in here inherits these cores, with all its threads."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _names(cores: Cores) -> str:
    return ", ".join(map(str, sorted(cores)))
