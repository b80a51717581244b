import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from offhook.testing.stepped_loop import SteppedLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    # A whole call waits for seconds, which takes no time here. Threads, which the databases run in, are real.
    whole_calls = item.path.name == "test_call_transfer.py"
    return {"stepped": SteppedLoop} if whole_calls else {"asyncio": asyncio.new_event_loop}


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example's database. Nothing may be left where the tests run."""
    file = tmp_path / "example.sqlite3"
    monkeypatch.setenv("OFFHOOK_EXAMPLE_DB", str(file))
    return file
