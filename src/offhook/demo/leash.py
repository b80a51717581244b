"""Runs ``offhook`` with the arguments given, and ends it at once when whoever started it is gone.

``python -m offhook.demo.leash serve …``: standard input is a pipe that the starter holds open and never writes to. The
system closes it when the starter ends, also when it was killed and could not clean up.
"""

import os
import runpy
import sys
from typing import Final

from offhook.speech import lifeline

DESERTED: Final = 1
"""Exit code then. Nothing is left to end in order: the carrier and the far end lived in the starter."""


def main() -> None:
    """Become the program."""
    lifeline.watch(lambda: os._exit(DESERTED))
    sys.argv = ["offhook", *sys.argv[1:]]
    runpy.run_module("offhook", run_name="__main__")


if __name__ == "__main__":
    main()
