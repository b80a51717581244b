"""Python, the working directory, and how many files may be open."""

import tempfile
from pathlib import Path

from offhook.doctor.finding import Finding, failed, ok, warning

OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 13)
"""The newest that the tests run on."""

FILES_PER_CALL = 3
"""The leg's socket, the engine's socket, and one for what a tool or a carrier request opens."""
FILES_BESIDES = 200
"""Listeners, log files, libraries, API clients, and calls that are just ending."""


def python_version(version: tuple[int, ...]) -> Finding:
    """Compare ``sys.version_info`` with what Offhook runs on."""
    shown = ".".join(map(str, version[:3]))
    oldest, newest = (".".join(map(str, v)) for v in (OLDEST_PYTHON, NEWEST_PYTHON))
    if version[:2] < OLDEST_PYTHON:
        return failed("python", f"{shown} is too old", f"install Python {oldest} to {newest}")
    if version[:2] > NEWEST_PYTHON:
        return warning("python", f"{shown} is newer than what is tested", f"Python {oldest} to {newest} is tested")
    return ok("python", shown)


def working_directory(path: Path) -> Finding:
    """Try to write a file, because permission bits do not know of read-only and full disks."""
    try:
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"offhook")
    except OSError as error:
        return failed(
            "working directory",
            f"{path} cannot be written to: {error.strerror or error}",
            "start offhook in a directory that its user may write to",
        )
    return ok("working directory", f"{path} can be written to")


def file_limit(soft: int | None, hard: int | None, max_calls: int) -> Finding:
    """Compare the limit on open files (setrlimit(2), RLIMIT_NOFILE) with what so many calls need. None: no limit."""
    needed = max_calls * FILES_PER_CALL + FILES_BESIDES
    if soft is None or soft >= needed:
        shown = "no limit" if soft is None else f"{soft}"
        return ok("open files", f"{shown}; {max_calls} calls need {needed}")
    detail = f"{soft} may be open, but {max_calls} calls need {needed}"
    raise_it = f"run `ulimit -n {needed}` before starting"
    if hard is not None and hard < needed:
        raise_it = f"raise the limit to {needed} (systemd: LimitNOFILE={needed}; Docker: --ulimit nofile={needed})"
    fitting = (soft - FILES_BESIDES) // FILES_PER_CALL
    lower_it = f", or set OFFHOOK_MAX_CALLS_PER_WORKER={fitting}" if fitting > 0 else ""
    return failed("open files", detail, raise_it + lower_it)


def open_file_limits() -> tuple[int | None, int | None]:
    """The soft and the hard limit of this process; None is no limit."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return None, None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        None if soft == resource.RLIM_INFINITY else soft,
        None if hard == resource.RLIM_INFINITY else hard,
    )
