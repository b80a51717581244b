import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import uvloop

ROOMS_WITH_SOCKETS = ("door", "legs", "engines", "carriers")
"""Their tests run on the loop that the product runs on."""

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, LoopFactory]:
    place = item.path.relative_to(Path(__file__).parent).parts
    if place[0] in ROOMS_WITH_SOCKETS or place == ("test_call_end_to_end.py",):
        return {"uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is reached directly, whatever the environment of whoever runs the tests says."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
