"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, but not as most people want it."""
    FAILED = "failed"
    """It does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination."""

    name: str
    """What was looked at, in a word or two."""
    verdict: Verdict
    detail: str
    """What was seen."""
    remedy: str | None = None
    """What to do about it; None when there is nothing to do."""


def ok(name: str, detail: str) -> Finding:
    """A finding with nothing to do."""
    return Finding(name, Verdict.OK, detail)


def warning(name: str, detail: str, remedy: str) -> Finding:
    """A finding that can be lived with."""
    return Finding(name, Verdict.WARNING, detail, remedy)


def failed(name: str, detail: str, remedy: str) -> Finding:
    """A finding that cannot."""
    return Finding(name, Verdict.FAILED, detail, remedy)
