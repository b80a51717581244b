import asyncio
from collections.abc import Callable

import pytest

from offhook.testing.stepped_loop import SteppedLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    # The loop that is under test.
    return {"stepped": SteppedLoop}
