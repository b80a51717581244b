from collections.abc import Mapping

import pytest

from offhook.agents.handle import CallHandle


class RecordedCall:
    """A call that writes down what is asked of it."""

    call_id = "call-1"
    caller = "+4930111111"
    dialled = "+4930222222"
    direction = "inbound"

    def __init__(self, deeds: list[str]) -> None:
        self.metadata: Mapping[str, str] = {"table": "7"}
        self._deeds = deeds

    async def hang_up(self) -> None:
        self._deeds.append("hung up")

    async def transfer(self, to: str) -> None:
        self._deeds.append(f"transferred to {to}")

    def tell(self, text: str) -> None:
        self._deeds.append(f"told {text}")


@pytest.fixture
def deeds() -> list[str]:
    """What the tools have asked of ``call``."""
    return []


@pytest.fixture
def call(deeds: list[str]) -> CallHandle:
    return RecordedCall(deeds)
