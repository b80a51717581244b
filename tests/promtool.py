"""Prometheus' own tool, as a judge of what we tell Prometheus."""

import os
import shutil
import subprocess

import pytest

PROMTOOL = shutil.which("promtool")

needs_promtool = pytest.mark.skipif(
    PROMTOOL is None and os.environ.get("CI") != "true", reason="wants promtool (Debian: apt-get install prometheus)"
)
"""Skips where it cannot be had; in CI the test runs, and fails without it."""


def promtool(*arguments: str, stdin: bytes = b"") -> str:
    """What it complains of; nothing if it is content."""
    assert PROMTOOL is not None, "promtool is not installed"
    done = subprocess.run([PROMTOOL, *arguments], input=stdin, capture_output=True, timeout=30, check=False)
    said = done.stdout + done.stderr
    return "" if done.returncode == 0 and not (arguments[1] == "metrics" and said) else said.decode() or "it failed"
