import asyncio
from collections.abc import Callable
from math import inf

import pytest

from offhook.audio.formats import PCMU_8K, AudioFormat, Encoding
from offhook.calls import engine, events
from offhook.calls.bridge import Bridge
from offhook.calls.engine import Brief, Engine, EngineSession
from offhook.calls.engine_link import FIRST_PAUSE_S, LOSSES_LIMIT, LOSSES_WINDOW_S, EngineLink
from offhook.calls.turns import Turns
from offhook.errors import EngineError
from offhook.testing.memory_engine import Closed, MemoryEngine, MemorySession
from offhook.testing.memory_leg import MemoryLeg

BUSY = EngineError("memory", "too many requests", retryable=True, code="429")
NO_KEY = EngineError("memory", "the key was refused", retryable=False, code="401")
BROKEN = EngineError("memory", "the connection broke", retryable=True)


class Linked:
    """A bridge with a caller on it, and a link that keeps an engine session on it."""

    def __init__(self, answering: Engine, within_s: float = 5.0) -> None:
        clock = asyncio.get_running_loop().time
        self.clock: Callable[[], float] = clock
        self.told: list[object] = []
        self.ready_at: list[float] = []
        self.failures: list[EngineError] = []
        self.bridge = Bridge(Turns(), queue_ms=1000, clock=clock, tell=self._on_bridge)
        self.bridge.attach_leg(MemoryLeg(clock))
        self.began = clock()
        self.briefs = 0
        self.link = EngineLink(
            answering,
            self.bridge,
            brief=self._brief,
            within_s=within_s,
            clock=clock,
            tell=self.told.append,
            ready=lambda: self.ready_at.append(clock() - self.began),
            failed=self.failures.append,
        )

    def _brief(self) -> Brief:
        self.briefs += 1
        return Brief("call_1", f"brief {self.briefs}", PCMU_8K)

    def _on_bridge(self, event: object) -> None:
        if isinstance(event, engine.EngineGone):
            self.link.gone(event.error)


async def test_a_session_is_opened_and_put_on_the_bridge() -> None:
    memory = MemoryEngine(takes_s=0.3)
    linked = Linked(memory)
    linked.link.open()
    await asyncio.sleep(1)

    assert linked.bridge.session is memory.session
    assert linked.told == [events.EngineCame("memory", 300)]
    assert linked.ready_at == [pytest.approx(0.3)]
    assert linked.link.name == "memory"


async def test_only_one_is_opened_at_a_time() -> None:
    memory = MemoryEngine(takes_s=0.3)
    linked = Linked(memory)
    linked.link.open()
    linked.link.open()
    await asyncio.sleep(0.1)
    linked.link.open()
    await asyncio.sleep(1)

    assert memory.tries == 1


async def test_what_another_try_may_cure_is_tried_again_ever_more_slowly() -> None:
    memory = MemoryEngine()
    memory.fail(BUSY, BUSY, BUSY)
    linked = Linked(memory)
    linked.link.open()
    await asyncio.sleep(2)

    assert linked.ready_at == [pytest.approx(FIRST_PAUSE_S * (1 + 2 + 4))]
    assert linked.told[:3] == [events.EngineWent("too many requests", "429", retryable=True)] * 3
    assert linked.failures == []


async def test_each_try_is_told_what_was_said_by_then() -> None:
    memory = MemoryEngine()
    memory.fail(BUSY)
    linked = Linked(memory)
    linked.link.open()
    await asyncio.sleep(1)

    assert memory.session.brief is not None
    assert memory.session.brief.instructions == "brief 2"


async def test_what_no_try_can_cure_is_not_tried_again() -> None:
    memory = MemoryEngine()
    memory.fail(NO_KEY)
    linked = Linked(memory)
    linked.link.open()
    await asyncio.sleep(10)

    assert memory.tries == 1
    assert linked.failures == [NO_KEY]
    assert linked.ready_at == []


async def test_all_tries_together_have_one_limit() -> None:
    memory = MemoryEngine(takes_s=0.9)
    memory.fail(*[BUSY] * 99)
    linked = Linked(memory, within_s=3)
    linked.link.open()
    await asyncio.sleep(2.9)
    assert linked.failures == []
    await asyncio.sleep(0.2)

    assert linked.failures == [BUSY]  # the reason that it was not cured
    await asyncio.sleep(60)
    assert memory.tries == 3


async def test_an_engine_that_never_answers_is_given_up() -> None:
    linked = Linked(MemoryEngine(takes_s=inf), within_s=3)
    linked.link.open()
    await asyncio.sleep(3.1)

    [failure] = linked.failures
    assert failure.reason == "no session within 3 s"


async def test_a_bug_of_an_engine_is_a_failure_like_others() -> None:
    class Buggy:
        name = "buggy"

        async def open(self, brief: Brief) -> EngineSession:
            raise KeyError("voice")

    linked = Linked(Buggy())
    linked.link.open()
    await asyncio.sleep(1)

    [failure] = linked.failures
    assert "KeyError" in failure.reason
    assert not failure.retryable


async def test_a_session_that_cannot_be_joined_to_the_leg_is_a_failure_like_others() -> None:
    linked = Linked(MemoryEngine(speaks=AudioFormat(Encoding.PCM16, 44100)))
    linked.link.open()
    await asyncio.sleep(1)

    assert len(linked.failures) == 1
    assert linked.ready_at == []


async def test_a_lost_session_is_replaced() -> None:
    memory = MemoryEngine()
    linked = Linked(memory)
    linked.link.open()
    await asyncio.sleep(1)
    memory.session.emit(engine.EngineGone(BROKEN))
    assert linked.bridge.session is None
    await asyncio.sleep(1)

    assert len(memory.sessions) == 2
    assert linked.bridge.session is memory.session
    assert events.EngineWent("the connection broke", None, retryable=True) in linked.told
    assert len(linked.ready_at) == 2


async def test_a_session_lost_for_good_is_not_replaced() -> None:
    memory = MemoryEngine()
    linked = Linked(memory)
    linked.link.open()
    await asyncio.sleep(1)
    memory.session.emit(engine.EngineGone(NO_KEY))
    await asyncio.sleep(10)

    assert linked.failures == [NO_KEY]
    assert memory.tries == 1


async def test_a_session_that_was_lost_before_it_was_on_is_replaced() -> None:
    class Stillborn(MemoryEngine):
        async def open(self, brief: Brief) -> MemorySession:
            session = await super().open(brief)
            if self.tries == 1:
                session.emit(engine.EngineGone(BROKEN))
            return session

    memory = Stillborn()
    linked = Linked(memory)
    linked.link.open()
    await asyncio.sleep(1)

    assert len(memory.sessions) == 2
    assert linked.bridge.session is memory.session
    assert linked.failures == []


async def test_losses_without_end_are_given_up_rather_than_billed() -> None:
    memory = MemoryEngine()
    linked = Linked(memory)
    linked.link.open()
    for _ in range(LOSSES_LIMIT):
        await asyncio.sleep(LOSSES_WINDOW_S / LOSSES_LIMIT - 1)
        memory.session.emit(engine.EngineGone(BROKEN))
    await asyncio.sleep(10)

    assert len(memory.sessions) == LOSSES_LIMIT
    assert linked.failures == [BROKEN]


async def test_losses_that_are_far_apart_are_no_loop() -> None:
    memory = MemoryEngine()
    linked = Linked(memory)
    linked.link.open()
    for _ in range(10):
        await asyncio.sleep(LOSSES_WINDOW_S / (LOSSES_LIMIT - 1) + 1)
        memory.session.emit(engine.EngineGone(BROKEN))

    assert linked.failures == []


async def test_closing_takes_the_session_off() -> None:
    memory = MemoryEngine()
    linked = Linked(memory)
    linked.link.open()
    await asyncio.sleep(1)
    linked.link.close()
    linked.link.close()

    assert memory.session.asked == [Closed()]
    assert linked.bridge.session is None


async def test_closing_stops_opening() -> None:
    memory = MemoryEngine(takes_s=2)
    linked = Linked(memory)
    linked.link.open()
    await asyncio.sleep(1)
    linked.link.close()
    await asyncio.sleep(10)

    assert memory.sessions == []
    assert linked.ready_at == []
    assert linked.failures == []
