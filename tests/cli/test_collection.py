import subprocess
import sys

PROGRAM = """
import gc
from offhook.cli.collection import MIDDLE, OLD, YOUNG, tame
tame()
assert gc.isenabled()
assert gc.get_threshold() == (YOUNG, MIDDLE, OLD)
assert gc.get_freeze_count() > 1000
class Ring: pass
for _ in range(YOUNG):
    ring = Ring()
    ring.itself = ring
gone = gc.collect()
assert gone > 0, "cycles that came after are found"
"""


def test_what_was_there_is_left_alone_and_what_comes_is_still_collected() -> None:
    # In a process of its own: freezing cannot be undone for the objects that are there.
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=30)
