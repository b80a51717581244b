"""What the bridge measures, and what it does when one side does not keep up."""

import gc

from tests.calls.bridged import Bridged

from offhook.audio.formats import PCM16_24K
from offhook.calls import bridge, engine, events
from offhook.calls.ears import LegEar
from offhook.calls.leg import LeftReason
from offhook.calls.sampling import SAMPLED_EVERY
from offhook.testing.memory_engine import Cancelled, MemorySession, Truncated
from offhook.testing.memory_leg import Marked, MemoryLeg, Played

FRAME = b"\x55" * 160


def sound(seconds: float, item: str = "item") -> engine.ReplySound:
    return engine.ReplySound("response", item, b"\x55" * round(8000 * seconds))


def test_of_the_frames_both_ways_a_sample_is_measured() -> None:
    both = Bridged(engine=PCM16_24K)
    for _ in range(SAMPLED_EVERY * 2):
        both.leg.speak(FRAME)
        both.session.emit(engine.ReplySound("response", "item", bytes(960)))

    assert both.bridge.measures.conversion_s.count == 4


def test_barge_in_is_measured_from_the_engines_word_to_the_clear() -> None:
    both = Bridged()
    both.session.emit(engine.ReplyStarted("response"), sound(2))
    both.wait(0.5)
    both.session.emit(engine.CallerStarted("caller"))

    assert both.bridge.measures.barge_in_s.count == 1
    assert both.bridge.measures.barge_in_s.sum == 0


def test_a_barge_in_that_has_to_last_is_measured_from_when_it_had() -> None:
    both = Bridged(hold_s=0.3)
    both.session.emit(engine.ReplyStarted("response"), sound(2))
    both.wait(0.5)
    both.session.emit(engine.CallerStarted("caller"))
    both.clock.now += 0.35  # the alarm rings 50 ms late
    both.bridge.on_time(both.clock())

    assert both.bridge.measures.barge_in_s.count == 1
    assert round(both.bridge.measures.barge_in_s.sum, 3) == 0.05


def test_what_waits_and_what_was_dropped_is_counted() -> None:
    both = Bridged(queue_ms=1000)
    both.session.stall()
    for _ in range(60):
        both.leg.speak(FRAME)

    assert both.bridge.queued_ms == 1000
    assert both.bridge.measures.caller_sound_dropped_ms == 200
    both.session.relieve()
    assert both.bridge.queued_ms == 0


def ear_of(both: Bridged) -> LegEar:
    return LegEar(both.bridge, both.leg)


def test_a_full_leg_holds_the_engine_back_until_it_has_drained() -> None:
    both = Bridged()
    ear_of(both).filled()
    assert both.session.held_back
    ear_of(both).drained()
    assert not both.session.held_back


def test_an_engine_is_not_held_back_for_a_leg_that_is_gone() -> None:
    both = Bridged()
    ear_of(both).filled()
    both.leg.leave(LeftReason.TOO_SLOW)

    assert not both.session.held_back


def test_a_session_that_comes_to_a_full_leg_is_held_back() -> None:
    both = Bridged()
    ear_of(both).filled()
    another = MemorySession()
    both.bridge.attach_session(another)

    assert another.held_back


def test_a_leg_that_was_replaced_holds_nobody_back() -> None:
    both = Bridged()
    old = ear_of(both)
    both.bridge.attach_leg(MemoryLeg(both.clock))
    old.filled()

    assert not both.session.held_back


def test_a_reply_too_far_ahead_is_cut_and_what_was_sent_is_played() -> None:
    both = Bridged()
    both.session.emit(engine.ReplyStarted("response"))
    for _ in range(600):
        both.session.emit(sound(1))
    both.session.emit(engine.ReplyDone("response", "cancelled"))

    played_s = sum(len(order.frame) for order in both.leg.orders if isinstance(order, Played)) / 8000
    assert played_s == bridge.UNPLAYED_LIMIT_S + 1
    assert both.session.asked == [Cancelled(), Truncated("item", round(played_s * 1000))]
    [complaint] = both.told(events.EngineComplaint)
    assert complaint.code == bridge.TOO_FAR_AHEAD

    both.wait(played_s + 1)
    [ended] = both.told(events.AgentEnded)
    assert (ended.heard_ms, ended.cut) == (round(played_s * 1000), True)


def test_after_it_the_next_reply_is_heard() -> None:
    both = Bridged()
    both.session.emit(engine.ReplyStarted("response"), sound(bridge.UNPLAYED_LIMIT_S + 1))
    both.session.emit(engine.ReplyDone("response", "cancelled"))
    both.wait(bridge.UNPLAYED_LIMIT_S + 2)
    both.session.reply(FRAME, response_id="another", item_id="another")

    assert [began.id for began in both.told(events.AgentBegan)] == ["item", "another"]


def test_one_long_delta_is_cut_into_pieces_with_a_mark_behind_each() -> None:
    both = Bridged()
    both.session.emit(sound(90))

    pieces = [len(order.frame) for order in both.leg.orders if isinstance(order, Played)]
    assert pieces == [1600] * 450
    assert sum(isinstance(order, Marked) for order in both.leg.orders) == 450


def test_frames_leave_nothing_for_the_garbage_collector() -> None:
    both = Bridged(engine=PCM16_24K)
    reply = engine.ReplySound("response", "item", bytes(960))
    gc.collect()
    gc.disable()
    try:
        for _ in range(500):
            both.leg.speak(FRAME)
            both.session.emit(reply)
            both.wait(0.02)
        assert gc.collect() == 0
    finally:
        gc.enable()
