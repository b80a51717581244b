"""What another process uses of the machine: read from ``/proc``, so only on Linux."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CAN_READ: Final = Path("/proc/self/stat").exists()
"""False where there is no ``/proc``, as on macOS."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a process and its children, so far."""

    cpu_s: float
    """User and system time. Of children that have ended, nothing is counted."""
    rss_bytes: int


def usage_of(pid: int) -> Usage | None:
    """What it uses; None if it is gone, not ours to see, or cannot be seen on this system."""
    if not CAN_READ:
        return None
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    cpu_s, rss_bytes, found = 0.0, 0, False
    for each in (pid, *_descendants(pid)):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            pages = Path(f"/proc/{each}/statm").read_text().split()[1]
        except (OSError, IndexError):
            continue
        found = True
        cpu_s += (int(fields[11]) + int(fields[12])) / ticks
        rss_bytes += int(pages) * page
    return Usage(cpu_s, rss_bytes) if found else None


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(each) for each in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found
