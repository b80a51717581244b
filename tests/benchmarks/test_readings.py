import os
import subprocess
import sys

import pytest

from benchmarks import readings

STAT = "4711 (a (b) c) S 12 4711 4711 0 -1 4194304 100 0 0 0 250 50 30 20 20 0 3 0 8000 1000 500 0 0"


def test_a_name_with_brackets_and_blanks_is_skipped() -> None:
    assert readings.parent(STAT) == 12
    assert readings.threads(STAT) == 3
    assert readings.cpu_s(STAT) * readings.TICKS_PER_SECOND == 350


def test_the_tree_holds_children_of_children_and_nobody_else() -> None:
    assert readings.tree(1, {1: 0, 2: 1, 3: 2, 4: 0, 5: 4}) == [1, 2, 3]


@pytest.mark.skipif(not readings.PROC.is_dir(), reason="needs Linux's /proc")
def test_a_child_counts_with_its_parent() -> None:
    alone = readings.read(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        together = readings.read(os.getpid())
        own = readings.read(child.pid)
        child.communicate(b"\n")
    assert together.rss_bytes > alone.rss_bytes
    assert own.threads >= 1
    assert own.cpu_s <= together.cpu_s


@pytest.mark.skipif(not readings.PROC.is_dir(), reason="needs Linux's /proc")
def test_a_process_that_is_gone_cannot_be_read() -> None:
    with pytest.raises(ProcessLookupError):
        readings.read(2**22 + 1)
