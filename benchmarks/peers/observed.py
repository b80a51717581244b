"""``offhook serve`` that tells what it holds: on SIGUSR1 it writes its numbers of tasks and objects into a file.

It collects its garbage first: what ended calls leave for Python's collector is no leak, however much of it lies about
until the collector looks (``offhook.cli.collection``), and memory is to be read after it too. The file is named by the
variable OBSERVED_FILE; everything else is the product as it is.
"""

import asyncio
import gc
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Final

from offhook.cli import main

VARIABLE: Final = "OBSERVED_FILE"


def tell(signal_number: int, frame: FrameType | None) -> None:
    """Runs between two instructions of the main thread. Objects that Python's collector has frozen are not counted."""
    try:
        tasks = len(asyncio.all_tasks())
    except RuntimeError:  # no loop yet, or no more
        return
    gc.collect()
    file = Path(os.environ[VARIABLE])
    part = file.with_suffix(".part")
    part.write_text(json.dumps({"tasks": tasks, "objects": len(gc.get_objects())}))
    part.replace(file)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, tell)
    sys.argv[0] = "offhook"
    main()
