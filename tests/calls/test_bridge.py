import struct
from math import inf, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.calls.bridged import Bridged

from offhook.audio.formats import PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat, Encoding
from offhook.calls import engine, events
from offhook.calls.bridge import LOST, Bridge
from offhook.calls.conversation import AgentSaid, Conversation, Entry
from offhook.calls.leg import LeftReason
from offhook.calls.playout import MARK_EVERY_MS, Heard
from offhook.calls.replies import STALL_S
from offhook.calls.scribe import Scribe
from offhook.calls.turns import Turns
from offhook.calls.unsaid import Wish
from offhook.errors import AudioError, EngineError
from offhook.testing.clock import SteppedClock
from offhook.testing.memory_engine import AskedToReply, Cancelled, Closed, MemorySession, Truncated
from offhook.testing.memory_leg import Cleared, HungUp, Marked, MemoryLeg, Played

SECOND = b"\x55" * 8000
FRAME = b"\xff" * 160


def say(pair: Bridged, sound: bytes, *, reply: str = "r1", item: str = "i1", words: str = "") -> None:
    """The engine begins a reply, and has not finished it."""
    pair.session.emit(engine.ReplyStarted(reply), engine.ReplySound(reply, item, sound))
    if words:
        pair.session.emit(engine.ReplyWords(reply, item, words))


def finish(pair: Bridged, *, reply: str = "r1", item: str = "i1") -> None:
    pair.session.emit(engine.ReplySoundDone(reply, item), engine.ReplyDone(reply, "completed"))


# ---- sound -----------------------------------------------------------------------------------------------------------


def test_the_callers_sound_reaches_the_engine_untouched() -> None:
    pair = Bridged()
    pair.leg.speak(FRAME)

    assert pair.session.frames == [FRAME]
    assert pair.session.frames[0] is FRAME


def test_the_reply_reaches_the_caller_untouched_and_marked() -> None:
    pair = Bridged()
    say(pair, SECOND)
    finish(pair)

    assert b"".join(order.frame for order in pair.leg.orders if isinstance(order, Played)) == SECOND
    assert [order.position_ms for order in pair.leg.orders if isinstance(order, Marked)] == [200, 400, 600, 800, 1000]


def test_no_stretch_between_two_marks_is_longer_than_promised() -> None:
    pair = Bridged()
    for size in (8000, 7, 1593, 1, 3999):
        say(pair, b"\x55" * size)
    finish(pair)

    stretch_bytes = 0
    for order in pair.leg.orders:
        if isinstance(order, Played):
            stretch_bytes += len(order.frame)
        if isinstance(order, Marked):
            assert stretch_bytes <= MARK_EVERY_MS * 8
            stretch_bytes = 0
    assert stretch_bytes == 0


def test_the_path_says_what_is_between() -> None:
    assert Bridged().bridge.path() == "up pcmu/8000, down pcmu/8000"
    assert "resample" in Bridged(engine=PCM16_24K).bridge.path()


def test_sound_is_converted_for_an_engine_that_needs_it() -> None:
    pair = Bridged(engine=PCM16_24K)
    for _ in range(50):
        pair.leg.speak(FRAME)

    heard = b"".join(pair.session.frames)
    assert len(heard) == pytest.approx(48_000, abs=48 * 40)  # a resampler holds some milliseconds back
    assert max(map(abs, struct.unpack(f"<{len(heard) // 2}h", heard))) < 50  # silence is silence


@pytest.mark.parametrize("leg", [PCMU_8K, PCMA_8K], ids=str)
def test_a_converted_reply_is_as_long_as_it_was(leg: AudioFormat) -> None:
    pair = Bridged(leg=leg, engine=PCM16_24K)
    say(pair, tone(1000))
    finish(pair)

    sent = b"".join(order.frame for order in pair.leg.orders if isinstance(order, Played))
    assert len(sent) == 8000


@pytest.mark.parametrize("duration_ms", [25, 190, 200, 210, 333, 1000, 1019])
def test_a_converted_reply_is_heard_to_its_end(duration_ms: int) -> None:
    pair = Bridged(engine=PCM16_24K)
    say(pair, tone(duration_ms))
    finish(pair)

    pair.wait(2)

    assert not pair.bridge.playing
    assert pair.told(events.AgentEnded) == [events.AgentEnded("i1", duration_ms, duration_ms, cut=False)]


@settings(deadline=None)
@given(st.lists(st.integers(48, 30_000), min_size=1, max_size=6), st.sampled_from([PCMU_8K, PCM16_24K]))
def test_whatever_its_pieces_a_reply_ends_when_it_was_heard(sizes: list[int], engine_format: AudioFormat) -> None:
    pair = Bridged(engine=engine_format)
    for size in sizes:
        say(pair, bytes(size))
    finish(pair)

    pair.wait(sum(sizes) / engine_format.bytes_per_second + 1)

    ended = pair.told(events.AgentEnded)
    assert [(item.id, item.cut) for item in ended] == [("i1", False)]
    assert ended[0].sound_ms == pytest.approx(engine_format.duration_ms(sum(sizes)), abs=1.1)
    assert not pair.bridge.playing


def test_no_rest_of_a_cut_reply_begins_the_next() -> None:
    pair = Bridged(engine=PCM16_24K)
    say(pair, tone(500))
    pair.wait(0.1)
    pair.session.emit(engine.CallerStarted("c1"), engine.CallerStopped("c1"))
    before = len(pair.leg.orders)
    say(pair, bytes(48 * 500), reply="r2", item="i2")
    finish(pair, reply="r2", item="i2")

    sent = b"".join(order.frame for order in pair.leg.orders[before:] if isinstance(order, Played))
    assert len(sent) == 4000
    assert set(sent) <= set(b"\xff\x7f\xfe\x7e")  # silence, and the resampler's dither


# ---- the account -----------------------------------------------------------------------------------------------------


def test_a_reply_is_told_from_its_first_sound_to_its_last() -> None:
    pair = Bridged()
    say(pair, SECOND, words="Hello")
    assert pair.told(events.AgentBegan) == [events.AgentBegan("i1", None)]
    assert pair.told(events.AgentWords) == [events.AgentWords("i1", "Hello")]
    finish(pair)

    pair.wait(0.99)
    assert pair.told(events.AgentEnded) == []
    assert pair.bridge.playing
    pair.wait(0.02)
    assert pair.told(events.AgentEnded) == [events.AgentEnded("i1", 1000, 1000, cut=False)]
    assert not pair.bridge.playing


def test_how_much_was_heard_is_known_while_it_plays() -> None:
    pair = Bridged()
    say(pair, SECOND)
    pair.wait(0.25)

    assert pair.bridge.heard("i1") == Heard("i1", 250, 1000, cut=True)
    assert pair.bridge.plays_until == pytest.approx(pair.clock() + 0.75)
    assert pair.bridge.heard("i2") is None


def test_the_engine_is_replying_until_it_says_that_it_is_done() -> None:
    pair = Bridged()
    assert not pair.bridge.replying
    say(pair, FRAME)
    assert pair.bridge.replying
    finish(pair)
    assert not pair.bridge.replying


def test_the_wait_of_the_caller_is_measured() -> None:
    pair = Bridged()
    pair.session.emit(engine.CallerStarted("c1"))
    pair.wait(1)
    pair.session.emit(engine.CallerStopped("c1"), engine.CallerTurn("c1"))
    pair.wait(0.4)
    say(pair, FRAME)
    say(pair, FRAME)

    assert pair.told(events.AgentBegan) == [events.AgentBegan("i1", 400)]


def test_what_the_engine_hears_is_told() -> None:
    pair = Bridged()
    pair.session.emit(engine.CallerStarted("c1"))
    assert pair.bridge.caller_speaks
    pair.session.emit(
        engine.CallerStopped("c1"),
        engine.CallerTurn("c1"),
        engine.CallerWords("c1", "Hello?"),
        engine.EngineComplained("too loud", "loud"),
    )

    assert not pair.bridge.caller_speaks
    assert pair.journal == [
        events.CallerBegan("c1"),
        events.CallerPaused("c1"),
        events.CallerTook("c1"),
        events.CallerWords("c1", "Hello?"),
        events.EngineComplaint("too loud", "loud"),
    ]


def test_keys_are_told() -> None:
    pair = Bridged()
    pair.leg.press("#")

    assert pair.journal == [events.DigitPressed("#")]


def test_what_somebody_has_to_act_on_is_passed_on() -> None:
    pair = Bridged()
    wanted = engine.ToolWanted("r1", "t1", "lookup", "{}")
    done = engine.ReplyDone("r1", "completed", usage={"total_tokens": 3})
    pair.session.emit(engine.ReplyStarted("r1"), wanted, done)

    assert pair.journal == [wanted, done]


# ---- barge-in --------------------------------------------------------------------------------------------------------


def test_the_line_goes_quiet_before_anything_else() -> None:
    pair = Bridged()
    say(pair, SECOND)
    pair.wait(0.25)
    before = len(pair.journal)
    pair.session.emit(engine.CallerStarted("c1"))

    assert pair.since(before) == [
        Cleared(),
        events.CallerBegan("c1"),
        events.Interrupted("c1"),
        Cancelled(),
        Truncated("i1", 250),
        events.AgentEnded("i1", 250, 1000, cut=True),
    ]
    assert not pair.bridge.replying
    assert not pair.bridge.playing


def test_a_cut_reply_is_truncated_at_what_was_heard() -> None:
    pair = Bridged()
    pair.leg.delay_s = 0.03
    say(pair, SECOND * 3)
    pair.wait(1.234)
    pair.session.emit(engine.CallerStarted("c1"))
    pair.wait(0.1)

    [truncated] = pair.told(Truncated)
    assert truncated.heard_ms == pytest.approx(pair.leg.heard_ms, abs=MARK_EVERY_MS)


def test_late_sound_and_words_of_a_cut_reply_are_dropped() -> None:
    pair = Bridged()
    say(pair, SECOND, words="Hello ")
    pair.session.emit(engine.CallerStarted("c1"))
    before = len(pair.journal)

    pair.session.emit(
        engine.ReplySound("r1", "i1", SECOND),
        engine.ReplySound("r1", "i2", SECOND),
        engine.ReplyWords("r1", "i1", "there"),
        engine.ReplySoundDone("r1", "i1"),
        engine.ToolWanted("r1", "t1", "lookup", "{}"),
        engine.ReplyDone("r1", "cancelled", "turn_detected"),
    )

    assert pair.since(before) == [engine.ReplyDone("r1", "cancelled", "turn_detected")]


def test_the_next_reply_is_let_through() -> None:
    pair = Bridged()
    say(pair, SECOND)
    pair.wait(0.5)
    pair.session.emit(engine.CallerStarted("c1"), engine.CallerStopped("c1"))
    say(pair, SECOND, reply="r2", item="i2")
    finish(pair, reply="r2", item="i2")
    pair.wait(1.1)

    assert pair.told(events.AgentEnded)[-1] == events.AgentEnded("i2", 1000, 1000, cut=False)
    assert pair.leg.heard_ms == 1500


def test_echoes_of_the_clear_do_not_count_as_heard() -> None:
    pair = Bridged()
    pair.leg.delay_s = 0.05
    say(pair, SECOND)
    pair.wait(0.3)
    pair.session.emit(engine.CallerStarted("c1"), engine.CallerStopped("c1"))
    say(pair, SECOND, reply="r2", item="i2")
    pair.wait(0.2)

    heard = pair.bridge.heard("i2")
    assert heard is not None
    assert heard.heard_ms == pytest.approx(200, abs=1)


def test_marks_answered_from_within_a_clear_do_not_count_as_heard() -> None:
    class HastyLeg(MemoryLeg):
        def clear(self) -> None:
            super().clear()
            self.on_time(clock())

    clock = SteppedClock()
    told: list[object] = []
    bridge = Bridge(Turns(), queue_ms=1000, clock=clock, tell=told.append)
    session = MemorySession()
    bridge.attach_leg(HastyLeg(clock))
    bridge.attach_session(session)
    session.emit(engine.ReplyStarted("r1"), engine.ReplySound("r1", "i1", SECOND))
    clock.step(0.25)
    session.emit(engine.CallerStarted("c1"))

    assert session.asked == [Cancelled(), Truncated("i1", 200)]


def test_a_reply_that_was_heard_to_its_end_is_not_truncated() -> None:
    pair = Bridged()
    say(pair, SECOND)
    finish(pair)
    pair.wait(1.5)
    pair.session.emit(engine.CallerStarted("c1"))

    assert pair.session.asked == []
    assert not pair.told(Cleared)
    assert not pair.told(events.Interrupted)


def test_a_reply_whose_last_mark_is_on_its_way_back_is_not_truncated() -> None:
    pair = Bridged()
    pair.leg.delay_s = 0.05
    say(pair, SECOND)
    finish(pair)
    pair.wait(0.95)
    pair.leg.delay_s = 0.2  # the line has become slower
    pair.wait(0.2)
    pair.session.emit(engine.CallerStarted("c1"))

    assert pair.session.asked == []
    assert pair.told(events.AgentEnded) == [events.AgentEnded("i1", 1000, 1000, cut=False)]


def test_a_reply_that_is_done_but_still_heard_is_cut_and_not_cancelled() -> None:
    pair = Bridged()
    say(pair, SECOND)
    finish(pair)
    pair.wait(0.5)
    pair.session.emit(engine.CallerStarted("c1"))

    assert pair.session.asked == [Truncated("i1", 500)]
    assert pair.told(events.AgentEnded) == [events.AgentEnded("i1", 500, 1000, cut=True)]


def test_a_reply_that_has_not_sounded_yet_is_cancelled() -> None:
    pair = Bridged()
    pair.session.emit(engine.ReplyStarted("r1"), engine.CallerStarted("c1"))
    pair.session.emit(engine.ReplySound("r1", "i1", SECOND))

    assert pair.session.asked == [Cancelled()]
    assert pair.told(Played) == []


def test_an_unfinished_reply_is_cut_though_all_that_came_of_it_was_heard() -> None:
    # A slow engine: the caller has heard what there is, and the engine has more that we shall drop. It must not think
    # that it was heard.
    pair = Bridged()
    say(pair, b"\x55" * 800, words="We open at eleven and close at midnight")
    pair.wait(0.5)
    pair.session.emit(engine.CallerStarted("c1"))
    pair.session.emit(engine.ReplySound("r1", "i1", SECOND))

    assert pair.session.asked == [Cancelled(), Truncated("i1", 100)]
    assert pair.told(events.AgentEnded) == [events.AgentEnded("i1", 100, 100, cut=True)]


def test_all_items_that_were_not_heard_are_truncated() -> None:
    pair = Bridged()
    say(pair, SECOND, item="i1")
    pair.session.emit(engine.ReplySoundDone("r1", "i1"))
    say(pair, SECOND, item="i2")
    pair.wait(1.5)
    pair.session.emit(engine.CallerStarted("c1"))

    assert pair.session.asked == [Cancelled(), Truncated("i2", 500)]

    pair.session.emit(engine.CallerStopped("c1"))
    say(pair, SECOND, reply="r2", item="i3")
    say(pair, SECOND, reply="r2", item="i4")
    pair.wait(0.5)
    pair.session.emit(engine.CallerStarted("c2"))
    assert pair.told(Truncated)[1:] == [Truncated("i3", 500), Truncated("i4", 0)]


def test_an_engine_that_cannot_truncate_is_not_asked_to() -> None:
    pair = Bridged(truncates=False)
    say(pair, SECOND)
    pair.wait(0.5)
    pair.session.emit(engine.CallerStarted("c1"))

    assert pair.session.asked == [Cancelled()]
    assert pair.told(events.AgentEnded) == [events.AgentEnded("i1", 500, 1000, cut=True)]


def test_an_agent_that_may_not_be_interrupted_talks_on() -> None:
    pair = Bridged(allowed=False)
    say(pair, SECOND)
    pair.wait(0.5)
    pair.session.emit(engine.CallerStarted("c1"))
    finish(pair)
    pair.wait(1)

    assert pair.session.asked == []
    assert pair.leg.heard == SECOND


def test_a_cough_does_not_cut_the_reply() -> None:
    pair = Bridged(hold_s=0.2)
    say(pair, SECOND)
    finish(pair)
    pair.wait(0.3)
    pair.session.emit(engine.CallerStarted("c1"))
    pair.wait(0.15)
    pair.session.emit(engine.CallerStopped("c1"))
    pair.wait(1)

    assert pair.leg.heard == SECOND
    assert pair.told(events.Interrupted) == []


def test_a_caller_who_goes_on_cuts_the_reply_when_the_hold_is_over() -> None:
    pair = Bridged(hold_s=0.2)
    say(pair, SECOND)
    finish(pair)
    pair.wait(0.3)
    pair.session.emit(engine.CallerStarted("c1"))
    assert pair.bridge.deadline() == pytest.approx(pair.clock() + 0.2)
    pair.wait(0.5)

    assert pair.leg.heard_ms == 500
    assert pair.told(events.Interrupted) == [events.Interrupted("c1")]
    assert pair.session.asked == [Truncated("i1", 500)]
    assert pair.bridge.deadline() == inf


def test_a_reply_that_ends_within_the_hold_was_not_interrupted() -> None:
    pair = Bridged(hold_s=0.2)
    say(pair, SECOND)
    finish(pair)
    pair.wait(0.9)
    pair.session.emit(engine.CallerStarted("c1"))
    pair.wait(0.5)

    assert pair.told(events.AgentEnded) == [events.AgentEnded("i1", 1000, 1000, cut=False)]
    assert pair.told(events.Interrupted) == []


@settings(deadline=None, max_examples=50)
@given(at_ms=st.integers(1, 2999), delay_ms=st.integers(0, 80), piece=st.integers(80, 5000))
def test_wherever_a_reply_is_cut_it_is_truncated_within_one_mark(at_ms: int, delay_ms: int, piece: int) -> None:
    pair = Bridged()
    pair.leg.delay_s = delay_ms / 1000
    pair.session.emit(engine.ReplyStarted("r1"))
    sound = SECOND * 3
    for start in range(0, len(sound), piece):
        pair.session.emit(engine.ReplySound("r1", "i1", sound[start : start + piece]))
    pair.wait(at_ms / 1000)
    pair.session.emit(engine.CallerStarted("c1"))
    pair.wait(0.5)

    [truncated] = pair.told(Truncated)
    assert abs(truncated.heard_ms - pair.leg.heard_ms) <= MARK_EVERY_MS


# ---- the two sides come and go ---------------------------------------------------------------------------------------


def test_a_new_leg_takes_the_place_of_the_old() -> None:
    pair = Bridged()
    say(pair, SECOND)
    pair.wait(0.3)
    new = MemoryLeg(pair.clock, journal=pair.journal)
    before = len(pair.journal)
    pair.bridge.attach_leg(new)

    assert pair.since(before) == [
        Cancelled(),
        Truncated("i1", 300),
        events.AgentEnded("i1", 300, 1000, cut=True),
        HungUp(),
    ]
    assert pair.leg.left is LeftReason.CLOSED
    assert pair.bridge.leg is new
    assert pair.told(events.LegLeft) == []


def test_the_new_leg_is_heard_and_the_old_one_is_not() -> None:
    class SlowLeg(MemoryLeg):
        def hang_up(self) -> None:
            """It takes its time."""

    pair = Bridged()
    old, new = SlowLeg(pair.clock), MemoryLeg(pair.clock)
    pair.bridge.attach_leg(old)
    pair.bridge.attach_leg(new)
    old.speak(b"old")
    old.press("1")
    old.leave(LeftReason.LOST)
    new.speak(b"new")

    assert pair.session.frames == [b"new"]
    assert not pair.told(events.DigitPressed)
    assert not pair.told(events.LegLeft)
    assert pair.bridge.leg is new


def test_marks_of_the_old_leg_say_nothing_of_the_new() -> None:
    pair = Bridged()
    say(pair, SECOND)
    new = MemoryLeg(pair.clock)
    pair.bridge.attach_leg(new)
    say(pair, SECOND, reply="r2", item="i2")
    pair.bridge.marked(9999)
    pair.wait(0.1)

    assert pair.bridge.heard("i2") == Heard("i2", 100, 1000, cut=True)


def test_a_leg_that_is_lost_cuts_the_reply() -> None:
    pair = Bridged()
    say(pair, SECOND)
    pair.wait(0.4)
    pair.leg.leave(LeftReason.LOST)

    assert pair.session.asked == [Cancelled(), Truncated("i1", 400)]
    assert pair.told(events.LegLeft) == [events.LegLeft(LeftReason.LOST)]
    assert pair.bridge.leg is None
    assert not pair.bridge.playing


def test_a_new_leg_may_have_another_format() -> None:
    pair = Bridged(leg=PCMU_8K, engine=PCM16_24K)
    new = MemoryLeg(pair.clock, PCM16_24K)
    pair.bridge.attach_leg(new)
    new.speak(b"\x01\x00" * 240)
    say(pair, tone(1000))
    finish(pair)

    assert pair.session.frames == [b"\x01\x00" * 240]
    pair.clock.step(2)
    assert new.heard == tone(1000)


def test_what_is_said_while_nobody_is_there_is_not_counted_as_heard() -> None:
    # A tool answers while the line is lost, and the engine speaks. The next session must not think it was heard.
    pair = Bridged()
    pair.leg.leave(LeftReason.LOST)
    say(pair, SECOND, words="Your table is booked")
    finish(pair)

    assert [said.heard_text for said in written_down(pair) if isinstance(said, AgentSaid)] in ([], [""])


def test_a_new_session_takes_the_place_of_the_old() -> None:
    pair = Bridged()
    new = MemorySession()
    pair.bridge.attach_session(new)
    pair.leg.speak(FRAME)
    pair.session.emit(engine.CallerStarted("c1"))

    assert pair.session.asked == [Closed()]
    assert pair.session.frames == []
    assert new.frames == [FRAME]
    assert pair.told(events.CallerBegan) == []


def test_sound_on_its_way_plays_on_when_the_session_goes() -> None:
    pair = Bridged()
    say(pair, SECOND)
    lost = engine.EngineGone(EngineError("memory", "it broke", retryable=True))
    pair.session.emit(lost)
    pair.wait(2)

    assert pair.told(engine.EngineGone) == [lost]
    assert pair.bridge.session is None
    assert pair.leg.heard == SECOND
    assert not pair.bridge.replying


def test_a_reply_that_its_session_did_not_finish_is_cut() -> None:
    # The words ran ahead of the sound, and the rest of the sound will not come: the next session has to know.
    pair = Bridged()
    say(pair, SECOND, words="We open at eleven and close at")
    pair.session.emit(engine.EngineGone(EngineError("memory", "it broke", retryable=True)))
    pair.wait(2)

    [said] = written_down(pair)
    assert isinstance(said, AgentSaid)
    assert said.cut
    assert said.heard_ms == 1000


def test_a_caller_who_spoke_when_the_session_went_does_not_speak_for_ever() -> None:
    pair = Bridged()
    pair.session.emit(engine.CallerStarted("c1"))
    pair.session.emit(engine.EngineGone(EngineError("memory", "it broke", retryable=True)))
    pair.bridge.attach_session(MemorySession())

    assert not pair.bridge.caller_speaks


def test_a_new_session_may_use_the_names_of_the_old() -> None:
    pair = Bridged()
    say(pair, SECOND)
    pair.session.emit(engine.CallerStarted("c1"), engine.CallerStopped("c1"))
    new = MemorySession()
    pair.bridge.attach_session(new)
    new.emit(engine.ReplyStarted("r1"), engine.ReplySound("r1", "i1", SECOND))
    pair.wait(2)

    assert pair.leg.heard == SECOND


def test_a_session_that_was_lost_before_it_was_on_is_told_at_once() -> None:
    pair = Bridged()
    new = MemorySession()
    lost = engine.EngineGone(EngineError("memory", "it broke", retryable=True))
    new.emit(lost)
    pair.bridge.attach_session(new)

    assert pair.told(engine.EngineGone) == [lost]
    assert pair.bridge.session is None


def test_formats_that_cannot_be_joined_are_refused() -> None:
    pair = Bridged()

    with pytest.raises(AudioError):
        pair.bridge.attach_session(MemorySession(speaks=AudioFormat(Encoding.PCM16, 44100)))


def test_there_has_to_be_something_to_take_off() -> None:
    bridge = Bridge(Turns(), queue_ms=1000, clock=SteppedClock(), tell=lambda event: None)

    with pytest.raises(ValueError, match="no leg"):
        bridge.detach_leg()
    with pytest.raises(ValueError, match="no engine session"):
        bridge.detach_session()


# ---- the caller's sound that waits -----------------------------------------------------------------------------------


def test_sound_waits_for_a_session() -> None:
    pair = Bridged()
    pair.bridge.detach_session()
    pair.leg.speak(b"a" * 160)
    pair.leg.speak(b"b" * 160)
    new = MemorySession()
    pair.bridge.attach_session(new)
    pair.leg.speak(b"c" * 160)

    assert new.frames == [b"a" * 160, b"b" * 160, b"c" * 160]
    assert pair.told(events.SoundDropped) == []


def test_sound_waits_for_a_session_that_does_not_take_it() -> None:
    pair = Bridged()
    pair.session.stall()
    pair.leg.speak(b"a" * 160)
    pair.session.can_hear = True
    pair.leg.speak(b"b" * 160)  # not before what waits
    assert pair.session.frames == []

    pair.session.relieve()
    assert pair.session.frames == [b"a" * 160, b"b" * 160]


def test_what_cannot_wait_is_dropped_and_told() -> None:
    pair = Bridged(queue_ms=60)
    pair.session.stall()
    for name in (b"a", b"b", b"c", b"d", b"e"):
        pair.leg.speak(name * 160)
    pair.session.relieve()

    assert [frame[:1] for frame in pair.session.frames] == [b"c", b"d", b"e"]
    assert pair.told(events.SoundDropped) == [events.SoundDropped(40)]
    assert pair.bridge.dropped_ms == 40


def test_the_backlog_stops_where_the_session_stops() -> None:
    class Gulping(MemorySession):
        def hear(self, frame: bytes) -> None:
            super().hear(frame)
            self.can_hear = len(self.frames) % 2 == 1

    pair = Bridged()
    pair.bridge.detach_session()
    for name in (b"a", b"b", b"c", b"d"):
        pair.leg.speak(name * 160)
    new = Gulping()
    pair.bridge.attach_session(new)
    assert len(new.frames) == 2
    new.relieve()

    assert [frame[:1] for frame in new.frames] == [b"a", b"b", b"c", b"d"]


def test_drops_are_counted_over_all_legs_of_a_call() -> None:
    pair = Bridged(queue_ms=60)
    for leg in (pair.leg, MemoryLeg(pair.clock)):
        if leg is not pair.leg:
            pair.bridge.attach_leg(leg)
        pair.session.stall()
        for _ in range(5):
            leg.speak(FRAME)
        pair.session.relieve()

    assert pair.bridge.dropped_ms == 80
    assert pair.told(events.SoundDropped) == [events.SoundDropped(40), events.SoundDropped(80)]


def written_down(pair: Bridged) -> list[Entry]:
    """What the record of the call says."""
    scribe = Scribe(Conversation())
    for event in pair.journal:
        if isinstance(event, events.CallEvent):
            scribe.write(event, at_ms=0)
    return scribe.conversation.entries


def tone(duration_ms: int) -> bytes:
    """440 Hz in PCM16 at 24 kHz."""
    return b"".join(struct.pack("<h", round(9000 * sin(2 * pi * 440 * n / 24000))) for n in range(duration_ms * 24))


# ---- replies that go wrong -------------------------------------------------------------------------------------------


def test_a_session_of_which_nothing_comes_is_given_up() -> None:
    pair = Bridged()
    pair.session.emit(engine.ReplyStarted("r1"))
    pair.wait(STALL_S - 1)
    assert pair.bridge.session is pair.session
    pair.wait(2)

    assert pair.bridge.session is None
    assert pair.session.closed
    assert [event.status for event in pair.told(engine.ReplyDone)] == [LOST]
    [gone] = pair.told(engine.EngineGone)
    assert gone.error.retryable


def test_a_reply_that_stops_in_the_middle_is_not_waited_for() -> None:
    pair = Bridged()
    say(pair, SECOND)
    pair.wait(STALL_S + 1)

    assert pair.bridge.session is pair.session
    assert not pair.bridge.replying
    assert pair.told(events.AgentEnded) == [events.AgentEnded("i1", 1000, 1000, cut=True)]


def test_a_slow_reply_is_waited_for() -> None:
    pair = Bridged()
    for _ in range(5):
        say(pair, FRAME)
        pair.wait(STALL_S - 1)

    assert pair.bridge.replying


def test_a_reply_that_was_asked_for_just_before_the_caller_spoke_is_stopped() -> None:
    pair = Bridged()
    pair.bridge.ask("Say something.")
    pair.session.emit(engine.CallerStarted("c1"), engine.ReplyStarted("r1"), engine.ReplySound("r1", "i1", SECOND))

    assert pair.session.asked == [AskedToReply("Say something."), Cancelled()]
    assert pair.told(Played) == []


def test_an_agent_that_may_not_be_interrupted_may_begin_while_the_caller_speaks() -> None:
    pair = Bridged(allowed=False)
    pair.session.emit(engine.CallerStarted("c1"), engine.ReplyStarted("r1"), engine.ReplySound("r1", "i1", SECOND))

    assert pair.session.asked == []
    assert pair.told(Played)


def test_a_wish_is_kept_while_somebody_is_missing() -> None:
    pair = Bridged()
    pair.leg.leave(LeftReason.LOST)
    pair.bridge.ask("Go on.", tools=False)

    assert pair.session.asked == []
    assert pair.bridge.take_wish() == Wish("Go on.", tools=False)


def test_a_reply_that_nobody_is_there_to_hear_is_stopped_and_taken_back() -> None:
    pair = Bridged()
    pair.leg.leave(LeftReason.LOST)
    say(pair, SECOND)
    say(pair, SECOND)

    assert pair.session.asked == [Cancelled(), Truncated("i1", 0)]


def test_a_session_is_not_told_of_what_another_said() -> None:
    pair = Bridged()
    say(pair, SECOND)
    pair.session.emit(engine.EngineGone(EngineError("memory", "it broke", retryable=True)))
    new = MemorySession()
    pair.bridge.attach_session(new)
    pair.wait(0.5)
    new.emit(engine.CallerStarted("c1"))

    assert new.asked == []
    assert pair.told(events.AgentEnded) == [events.AgentEnded("i1", 500, 1000, cut=True)]

    new.emit(engine.CallerStopped("c1"), engine.ReplyStarted("r1"), engine.ReplySound("r1", "i2", SECOND))
    pair.wait(0.3)
    new.emit(engine.CallerStarted("c2"))
    assert new.asked == [Cancelled(), Truncated("i2", 300)]
