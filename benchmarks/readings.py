"""What Linux tells about a process and those it started (proc(5))."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class Reading:
    """Of a tree of processes."""

    cpu_s: float
    """User and system time so far, of those that live and of children they have waited for."""
    rss_bytes: int
    fds: int
    threads: int


def cpu_s(stat: str) -> float:
    """From the text of /proc/PID/stat. The name in it may hold blanks and brackets."""
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS_PER_SECOND


def parent(stat: str) -> int:
    """From the same text."""
    return int(stat.rpartition(")")[2].split()[1])


def threads(stat: str) -> int:
    """From the same text."""
    return int(stat.rpartition(")")[2].split()[17])


def tree(root: int, parents: Mapping[int, int]) -> list[int]:
    """The process and all below it; ``parents`` is of each its parent."""
    found = [root]
    for pid in found:
        found += [child for child, its_parent in parents.items() if its_parent == pid and child not in found]
    return found


def read(pid: int) -> Reading:
    """Now. ProcessLookupError if the process is gone."""
    stats = dict(_stats())
    if pid not in stats:
        raise ProcessLookupError(f"process {pid} is gone")
    total = Reading(0.0, 0, 0, 0)
    for each in tree(pid, {p: parent(stat) for p, stat in stats.items()}):
        try:
            pages = int((PROC / str(each) / "statm").read_text().split()[1])
            fds = len(os.listdir(PROC / str(each) / "fd"))
        except (FileNotFoundError, ProcessLookupError):
            continue
        stat = stats[each]
        total = Reading(
            total.cpu_s + cpu_s(stat),
            total.rss_bytes + pages * PAGE_BYTES,
            total.fds + fds,
            total.threads + threads(stat),
        )
    return total


def load_average() -> tuple[float, float, float]:
    """Of the last 1, 5 and 15 minutes."""
    return os.getloadavg()


def _stats() -> Iterable[tuple[int, str]]:
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
