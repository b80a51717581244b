"""Which process listens on a port here: read from ``/proc``, so only on Linux (proc_pid_fd(5), proc_net(5))."""

import os
from pathlib import Path
from typing import Final

LISTEN: Final = "0A"
"""TCP_LISTEN in hexadecimal, as the kernel's tables have it."""

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def listening_pid(port: int) -> int | None:
    """The process that listens there; of several that share it, the one above the others.

    None if nobody does, it is not ours to see, or this system has no ``/proc``.
    """
    inodes: set[str] = set()
    for table in _TABLES:
        try:
            inodes |= listening_inodes(table.read_text(), port)
        except OSError:
            continue
    wanted = {f"socket:[{inode}]" for inode in inodes}
    return _top({pid for pid in _pids() if _holds(pid, wanted)}) if wanted else None


def listening_inodes(table: str, port: int) -> set[str]:
    """The sockets that listen on that port, in the text of ``/proc/net/tcp`` or ``tcp6``."""
    found = set[str]()
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 9 and fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
            found.add(fields[9])
    return found


def _pids() -> list[int]:
    try:
        return sorted(int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal())
    except OSError:
        return []


def _holds(pid: int, wanted: set[str]) -> bool:
    try:
        held = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
    for each in held:
        try:
            if str(each.readlink()) in wanted:
                return True
        except OSError:
            continue
    return False


def _top(pids: set[int]) -> int | None:
    """Workers hang below one process, which may hold the socket itself or not. None if it is not clear which."""
    above = {pid: _parent(pid) for pid in pids}
    roots = [pid for pid, parent in above.items() if parent not in pids]
    if len(roots) == 1:
        return roots[0]
    parents = {above[pid] for pid in roots}
    shared = parents.pop() if len(parents) == 1 else 0
    # A shell that also started us is no gateway: its children are not all workers.
    return shared if shared > 1 and shared not in _line_of(os.getpid()) else None


def _line_of(pid: int) -> set[int]:
    """It, and all above it."""
    found = set[int]()
    while pid > 0 and pid not in found:
        found.add(pid)
        pid = _parent(pid)
    return found


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0
