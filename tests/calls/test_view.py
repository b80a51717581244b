import asyncio
from datetime import datetime

import msgspec
from tests.calls.called import SECOND, Called

from offhook.agents.agent import Agent
from offhook.calls import engine
from offhook.calls.view import as_shown, detail, summary
from offhook.testing.memory_engine import MemoryEngine


async def test_a_call_in_brief() -> None:
    called = Called(Agent(name="bistro", silence=None))
    await called.pick_up()
    await asyncio.sleep(0.9)
    called.call.carrier_said("in-progress", 2)

    shown = msgspec.to_builtins(summary(called.call))

    assert datetime.fromisoformat(shown.pop("created_at")).utcoffset() is not None
    assert shown == {
        "id": "call_1",
        "state": "talking",
        "direction": "inbound",
        "caller": "+15550001111",
        "dialled": "+15550002222",
        "agent": "bistro",
        "engine": "memory",
        "duration_ms": 1010,
        "end_reason": None,
        "carrier_call_id": "CA1",
        "carrier_status": "in-progress",
    }


async def test_a_call_that_ended_lasts_no_longer() -> None:
    called = Called()
    leg = await called.pick_up()
    leg.leave()
    await asyncio.sleep(60)

    shown = summary(called.call)
    assert (shown.state, shown.end_reason, shown.duration_ms) == ("ended", "caller_hung_up", 110)


async def test_of_a_turn_that_is_being_spoken_it_is_told_what_was_heard_by_now() -> None:
    called = Called(Agent(silence=None), MemoryEngine())
    await called.pick_up()
    called.session.emit(
        engine.ReplyStarted("r1"), engine.ReplySound("r1", "a1", SECOND), engine.ReplyWords("r1", "a1", "one two")
    )
    await asyncio.sleep(0.3)

    [turn] = as_shown(detail(called.call))["transcript"]
    assert (turn["type"], turn["text"], turn["sound_ms"], turn["heard_ms"]) == ("agent", "one two", 1000, 300)


async def test_a_call_in_full() -> None:
    called = Called(Agent(silence=None), MemoryEngine(takes_s=0.05))
    await called.pick_up()
    called.session.emit(
        engine.CallerStarted("c1"), engine.CallerStopped("c1"), engine.CallerTurn("c1"), engine.CallerWords("c1", "Hi")
    )
    await asyncio.sleep(0.25)
    called.session.emit(
        engine.ReplyStarted("r1"),
        engine.ReplySound("r1", "a1", SECOND),
        engine.ReplyWords("r1", "a1", "one two three four"),
        engine.ReplyDone("r1", "completed", usage={"total_tokens": 7}),
    )
    await asyncio.sleep(0.5)
    called.session.emit(engine.CallerStarted("c2"))

    shown = as_shown(detail(called.call))
    assert shown["metadata"] == {"order": "7"}
    assert [(turn["type"], turn["text"]) for turn in shown["transcript"]] == [
        ("caller", "Hi"),
        ("agent", "one two three four"),
    ]
    assert shown["transcript"][1] == {
        "type": "agent",
        "id": "a1",
        "text": "one two three four",
        "at_ms": 360,
        "sound_ms": 1000,
        "heard_ms": 500,
        "cut": True,
        "heard_text": "one two",
    }
    assert shown["timings"] == {"answer_ms": 100, "engine_ms": 50, "replies_ms": [250]}
    assert shown["usage"] == {"total_tokens": 7}
    assert (shown["transcript_forgotten"], shown["dropped_ms"]) == (0, 0)
    assert msgspec.json.decode(msgspec.json.encode(shown)) == shown


async def test_sound_that_was_dropped_is_told() -> None:
    called = Called(Agent(silence=None))
    leg = await called.pick_up()
    called.session.stall()
    for _ in range(150):
        leg.speak(b"\xff" * 160)
    assert detail(called.call).dropped_ms == 1000

    called.session.relieve()
    assert detail(called.call).dropped_ms == 1000
