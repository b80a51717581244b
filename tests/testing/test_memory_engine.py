import asyncio

import pytest

from offhook.audio.formats import PCM16_24K, PCMU_8K
from offhook.calls import engine
from offhook.calls.engine import Brief, Engine, EngineEvent, EngineSession
from offhook.errors import EngineError
from offhook.testing.memory_engine import (
    Answered,
    AskedToReply,
    Cancelled,
    Closed,
    MemoryEngine,
    MemorySession,
    Told,
    Truncated,
)

BRIEF = Brief("call_1", "Be brief.", PCMU_8K)


class Listener:
    def __init__(self) -> None:
        self.told: list[EngineEvent] = []

    def on_engine(self, event: EngineEvent) -> None:
        self.told.append(event)


def test_what_it_is_asked_is_written_down_in_order() -> None:
    journal: list[object] = []
    session = MemorySession(journal=journal)
    port: EngineSession = session

    port.hear(b"sound")
    port.respond()
    port.respond("Greet", tools=False)
    port.cancel()
    port.truncate("item_1", 300)
    port.tell("note")
    port.answer("call_1", "done")
    port.close()
    port.close()

    assert session.frames == [b"sound"]
    assert session.asked == journal == [
        AskedToReply(),
        AskedToReply("Greet", tools=False),
        Cancelled(),
        Truncated("item_1", 300),
        Told("note"),
        Answered("call_1", "done"),
        Closed(),
    ]  # fmt: skip


def test_what_is_said_before_anybody_listens_is_kept() -> None:
    session, listener = MemorySession(), Listener()
    session.emit(engine.CallerStarted("a"))
    session.listen(listener)
    session.emit(engine.CallerStopped("a"))

    assert listener.told == [engine.CallerStarted("a"), engine.CallerStopped("a")]


def test_a_reply_is_whole() -> None:
    session, listener = MemorySession(), Listener()
    session.listen(listener)

    item = session.reply(b"sound", "Hello")

    assert listener.told == [
        engine.ReplyStarted("response_1"),
        engine.ReplySound("response_1", item, b"sound"),
        engine.ReplyWords("response_1", item, "Hello"),
        engine.ReplySoundDone("response_1", item),
        engine.ReplyDone("response_1", "completed"),
    ]
    assert session.reply(b"") != item


def test_a_closed_session_says_nothing() -> None:
    session, listener = MemorySession(), Listener()
    session.listen(listener)
    session.close()
    session.emit(engine.CallerStarted("a"))

    assert listener.told == []


def test_it_can_be_slow_to_take_sound() -> None:
    session, listener = MemorySession(), Listener()
    session.listen(listener)
    session.stall()
    assert not session.can_hear

    session.relieve()

    assert session.can_hear
    assert listener.told == [engine.SessionRelieved()]


async def test_an_engine_opens_sessions_for_a_brief() -> None:
    memory = MemoryEngine(hears=PCM16_24K, speaks=PCM16_24K, truncates=False, takes_s=2)
    port: Engine = memory
    began = asyncio.get_running_loop().time()

    session = await port.open(BRIEF)

    assert asyncio.get_running_loop().time() - began == pytest.approx(2)
    assert memory.session is session
    assert memory.session.brief is BRIEF
    assert (session.hears, session.speaks, session.capabilities.truncates) == (PCM16_24K, PCM16_24K, False)


async def test_an_engine_fails_as_often_as_it_is_told_to() -> None:
    memory = MemoryEngine()
    memory.fail(EngineError("memory", "busy", retryable=True))

    with pytest.raises(EngineError, match="busy"):
        await memory.open(BRIEF)
    await memory.open(BRIEF)

    assert memory.tries == 2
    assert len(memory.sessions) == 1


async def test_replies_can_come_by_themselves() -> None:
    memory = MemoryEngine(on_asked=lambda session, asked: session.emit(engine.ReplyStarted(asked.instructions or "")))
    listener = Listener()
    session = await memory.open(BRIEF)
    session.listen(listener)

    session.respond("Greet")
    assert listener.told == []
    await asyncio.sleep(0)
    assert listener.told == [engine.ReplyStarted("Greet")]
