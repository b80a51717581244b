import asyncio
from collections.abc import Callable

import pytest

from offhook.testing.stepped_loop import SteppedLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    # Calls wait for seconds and minutes; here that takes no time.
    return {"stepped": SteppedLoop}
