"""Work that is done beside a call, because it has to wait for somebody."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from structlog.stdlib import BoundLogger


class Errands:
    """The tasks of one call. What goes wrong in one is logged, and stays in it."""

    __slots__ = ("_log", "_tasks")

    def __init__(self, log: BoundLogger) -> None:
        self._log = log
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Have it done. The task is kept until it is."""
        task = asyncio.get_running_loop().create_task(self._guard(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            self._log.exception("something went wrong beside the call")
