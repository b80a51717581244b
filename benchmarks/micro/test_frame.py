"""One frame through a bridge, and what the same work costs on another thread.

``test_hop_*`` is why no frame changes threads: handing 20 ms of sound to a worker thread and back costs many times what
converting it costs, and all of it on the loop's core.
"""

import asyncio
import random
from typing import Any

import pytest

from offhook.audio.chain import join
from offhook.audio.formats import PCM16_24K, PCMU_8K, AudioFormat
from offhook.calls import engine
from offhook.calls.bridge import Bridge
from offhook.calls.leg import LegListener
from offhook.calls.turns import Turns
from offhook.testing.memory_engine import MemorySession

FRAME = random.Random(7).randbytes(160)
FRAMES = 50
"""In one round: a second of call."""


class Ear:
    """A leg that takes everything and keeps nothing."""

    format = PCMU_8K
    unsent_bytes = 0

    def __init__(self) -> None:
        self.listener: LegListener | None = None
        self.due: list[int] = []

    def listen(self, listener: LegListener) -> None:
        self.listener = listener

    def play(self, frame: bytes) -> None:
        pass

    def mark(self, position_ms: int) -> None:
        self.due.append(position_ms)

    def clear(self) -> None:
        pass

    def hang_up(self) -> None:
        pass


class Deaf(MemorySession):
    """A session that keeps nothing, either."""

    def hear(self, frame: bytes) -> None:
        pass


def bridged(spoken: AudioFormat) -> tuple[Ear, Deaf, Bridge]:
    now = iter(range(10**9))
    bridge = Bridge(Turns(), queue_ms=1000, clock=lambda: next(now) * 0.02, tell=lambda event: None)
    leg, session = Ear(), Deaf(hears=spoken, speaks=spoken)
    bridge.attach_leg(leg)
    bridge.attach_session(session)
    return leg, session, bridge


@pytest.mark.parametrize("spoken", [PCMU_8K, PCM16_24K], ids=str)
def test_a_second_up(benchmark: Any, spoken: AudioFormat) -> None:
    leg, _, _ = bridged(spoken)
    listener = leg.listener
    assert listener is not None

    def second() -> None:
        for _ in range(FRAMES):
            listener.spoke(FRAME)

    benchmark(second)


@pytest.mark.parametrize("spoken", [PCMU_8K, PCM16_24K], ids=str)
def test_a_second_down(benchmark: Any, spoken: AudioFormat) -> None:
    leg, session, _ = bridged(spoken)
    listener = leg.listener
    assert listener is not None
    sound = engine.ReplySound("response", "item", bytes(spoken.size_bytes(20)))

    def second() -> None:
        for _ in range(FRAMES):
            session.emit(sound)
        for position_ms in leg.due:
            listener.heard(position_ms)
        leg.due.clear()

    benchmark(second)


def test_hop_none(benchmark: Any, loop: asyncio.AbstractEventLoop) -> None:
    """A second of sound converted on the loop."""
    up = join(PCMU_8K, PCM16_24K)

    async def second() -> None:
        for _ in range(FRAMES):
            up.convert(FRAME)

    benchmark(lambda: loop.run_until_complete(second()))


def test_hop_to_a_thread(benchmark: Any, loop: asyncio.AbstractEventLoop) -> None:
    """The same, each frame on a worker thread."""
    up = join(PCMU_8K, PCM16_24K)

    async def second() -> None:
        for _ in range(FRAMES):
            await loop.run_in_executor(None, up.convert, FRAME)

    benchmark(lambda: loop.run_until_complete(second()))
