import asyncio
from collections.abc import Callable
from typing import Final

import pytest

from offhook.testing.stepped_loop import SteppedLoop

REAL: Final = frozenset({"test_ringing.py", "test_typed_caller.py"})
"""Calls with sockets, and tools that may run in threads."""


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    # The loop that is under test, where it can be had.
    return {"asyncio": asyncio.new_event_loop} if item.path.name in REAL else {"stepped": SteppedLoop}
