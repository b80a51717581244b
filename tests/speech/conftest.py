from collections.abc import AsyncIterator

import pytest_asyncio

from offhook.speech.faculties import Faculties


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def faculties() -> AsyncIterator[Faculties]:
    """The real parts, for all tests that do not break them. Of the voice there can be one in a process."""
    loaded = await Faculties.start(sessions=8)
    yield loaded
    await loaded.close()
