import os
import subprocess
import sys

import pytest

from offhook.loadtest.figures.process import CAN_READ, usage_of

pytestmark = pytest.mark.skipif(not CAN_READ, reason="this system has no /proc")


def test_it_sees_a_process_and_its_children() -> None:
    usage = usage_of(os.getpid())

    assert usage is not None
    assert usage.cpu_s > 0
    with subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"], stdin=-1, stdout=-1) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with_child = usage_of(os.getpid())
        assert with_child is not None
        alone = usage_of(child.pid)
        assert alone is not None
        assert alone.rss_bytes > 1_000_000
        assert with_child.rss_bytes > usage.rss_bytes
        child.communicate(b"\n")


def test_a_process_that_is_gone_uses_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        pass

    assert usage_of(child.pid) is None
