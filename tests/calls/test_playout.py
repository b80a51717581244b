from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from offhook.audio.formats import PCMU_8K, AudioFormat
from offhook.calls.leg import LeftReason
from offhook.calls.playout import MARK_EVERY_MS, Heard, Playout
from offhook.testing.clock import SteppedClock
from offhook.testing.memory_leg import MemoryLeg


def test_nothing_plays_before_anything_is_sent() -> None:
    playout = Playout()

    assert not playout.playing(now=10.0)
    assert playout.position_ms(now=10.0) == 0
    assert playout.plays_until(now=10.0) == 10.0
    assert playout.heard("a", now=10.0) is None
    assert playout.completed("a") is None
    assert playout.ended() == playout.cleared(now=10.0) == []


def test_the_clock_fills_in_between_marks() -> None:
    playout = Playout()
    playout.sent("a", 100, now=10.0)

    assert playout.position_ms(now=10.04) == pytest.approx(40)
    assert playout.heard("a", now=10.04) == Heard("a", 40, 100, cut=True)
    assert playout.playing(now=10.04)
    assert playout.plays_until(now=10.04) == pytest.approx(10.1)


def test_no_more_is_heard_than_was_sent() -> None:
    playout = Playout()
    playout.sent("a", 100, now=10.0)

    assert playout.position_ms(now=99.0) == 100
    assert not playout.playing(now=99.0)
    assert playout.heard("a", now=99.0) == Heard("a", 100, 100, cut=True)


def test_a_mark_is_due_after_each_stretch() -> None:
    playout = Playout()

    assert playout.room_ms() == MARK_EVERY_MS
    assert playout.sent("a", 150, now=10.0) is None
    assert playout.room_ms() == MARK_EVERY_MS - 150
    assert playout.sent("a", 50, now=10.0) == 200
    assert playout.room_ms() == MARK_EVERY_MS
    assert playout.sent("a", 199, now=10.0) is None
    assert playout.sent("a", 1, now=10.0) == 400


def test_the_clock_never_passes_the_next_mark() -> None:
    playout = Playout()
    playout.sent("a", 200, now=10.0)
    playout.sent("a", 200, now=10.0)

    assert playout.position_ms(now=10.35) == 200  # had 200 been reached, its mark would be back

    playout.marked(200, now=10.4)
    assert playout.position_ms(now=10.4) == 200
    assert playout.position_ms(now=10.45) == pytest.approx(250)
    assert playout.position_ms(now=99.0) == 400


def test_a_mark_that_comes_early_is_believed() -> None:
    playout = Playout()
    playout.sent("a", 200, now=10.0)
    playout.sent("a", 100, now=10.0)

    playout.marked(200, now=10.1)

    assert playout.position_ms(now=10.1) == 200
    assert playout.position_ms(now=10.15) == pytest.approx(250)


def test_a_mark_answers_for_those_before_it() -> None:
    playout = Playout()
    for _ in range(3):
        playout.sent("a", 200, now=10.0)

    playout.marked(600, now=10.6)

    assert not playout.playing(now=10.6)
    playout.marked(400, now=10.7)  # it overtook: nothing goes back
    assert playout.position_ms(now=10.7) == 600


def test_a_mark_that_was_not_sent_says_nothing() -> None:
    playout = Playout()
    playout.sent("a", 200, now=10.0)

    playout.marked(150, now=10.0)
    playout.marked(9999, now=10.0)

    assert playout.position_ms(now=10.0) == 0


def test_the_caller_is_hearing_something_until_the_last_mark_is_back() -> None:
    playout = Playout()
    playout.sent("a", 200, now=10.0)

    assert playout.playing(now=99.0)
    playout.marked(200, now=99.1)
    assert not playout.playing(now=99.1)


def test_after_a_gap_the_clock_begins_where_the_sound_does() -> None:
    playout = Playout()
    playout.sent("a", 100, now=10.0)
    playout.sent("a", 100, now=20.0)

    assert playout.position_ms(now=20.0) == 100
    assert playout.position_ms(now=20.05) == pytest.approx(150)


def test_sound_that_comes_as_slowly_as_it_plays_is_marked_too() -> None:
    playout = Playout()

    marks = [playout.sent("a", 100, now=10.0 + 0.11 * n) for n in range(4)]

    assert marks == [None, 200, None, 400]


def test_an_item_ends_when_its_last_mark_is_back() -> None:
    playout = Playout()
    playout.sent("a", 250, now=10.0)
    assert playout.completed("a") is None  # the mark behind all of it is on its way already
    assert playout.ended() == []

    playout.marked(250, now=10.3)

    assert playout.ended() == [Heard("a", 250, 250, cut=False)]


def test_what_follows_the_last_mark_is_marked_when_the_item_is_complete() -> None:
    playout = Playout()
    playout.sent("a", 200, now=10.0)
    playout.sent("a", 60, now=10.0)

    assert playout.completed("a") == 260
    playout.marked(200, now=10.2)
    assert playout.ended() == []
    playout.marked(260, now=10.26)
    assert playout.ended() == [Heard("a", 260, 260, cut=False)]


def test_an_item_is_reported_once() -> None:
    playout = Playout()
    playout.sent("a", 100, now=10.0)
    playout.completed("a")
    playout.marked(100, now=10.1)

    assert len(playout.ended()) == 1
    assert playout.ended() == []
    assert playout.completed("a") is None
    assert playout.heard("a", now=10.1) is None
    assert playout.cleared(now=10.1) == []


def test_an_item_that_is_not_complete_does_not_end() -> None:
    playout = Playout()
    playout.sent("a", 200, now=10.0)
    playout.marked(200, now=10.2)

    assert playout.ended() == []
    playout.completed("a")
    assert playout.ended() == [Heard("a", 200, 200, cut=False)]


def test_items_are_told_apart() -> None:
    playout = Playout()
    playout.sent("a", 150, now=10.0)
    playout.completed("a")
    playout.sent("b", 100, now=10.0)
    playout.completed("b")
    playout.sent("c", 100, now=10.0)

    playout.marked(150, now=10.15)
    assert playout.ended() == [Heard("a", 150, 150, cut=False)]
    assert playout.heard("b", now=10.19) == Heard("b", 40, 100, cut=True)
    assert playout.heard("c", now=10.19) == Heard("c", 0, 100, cut=True)
    assert playout.cleared(now=10.2) == [Heard("b", 50, 100, cut=True), Heard("c", 0, 100, cut=True)]


def test_items_that_alternate_are_told_apart() -> None:
    playout = Playout()
    for item in ("a", "b", "a", "b"):
        playout.sent(item, 40, now=10.0)

    assert playout.heard("a", now=10.1) == Heard("a", 60, 80, cut=True)
    assert playout.heard("b", now=10.1) == Heard("b", 40, 80, cut=True)
    assert playout.cleared(now=10.1) == [Heard("a", 60, 80, cut=True), Heard("b", 40, 80, cut=True)]


def test_a_clear_settles_by_the_clock() -> None:
    playout = Playout()
    playout.sent("a", 200, now=10.0)
    playout.sent("a", 200, now=10.0)
    playout.marked(200, now=10.2)

    assert playout.cleared(now=10.27) == [Heard("a", 270, 400, cut=True)]
    assert not playout.playing(now=10.27)


def test_echoes_after_a_clear_say_nothing() -> None:
    playout = Playout()
    for _ in range(3):
        playout.sent("a", 200, now=10.0)
    playout.cleared(now=10.1)
    playout.sent("b", 300, now=10.2)

    for position_ms in (200, 400, 600):
        playout.marked(position_ms, now=10.25)

    assert playout.heard("b", now=10.25) == Heard("b", 50, 300, cut=True)
    assert playout.ended() == []


def test_marks_after_a_clear_have_new_names() -> None:
    playout = Playout()
    playout.sent("a", 200.875, now=10.0)
    playout.cleared(now=10.1)

    name = playout.sent("b", 200, now=10.2)

    assert name == 400
    playout.marked(200, now=10.3)
    assert playout.heard("b", now=10.3) == Heard("b", 100, 200, cut=True)


def test_a_reply_that_was_heard_to_its_end_is_not_cut_by_a_hair() -> None:
    playout = Playout()
    for _ in range(290):
        playout.sent("a", 0.7, now=10.0)  # floats: together a hair below 203
    playout.marked(200, now=10.2)

    assert playout.heard("a", now=99.0) == Heard("a", 203, 203, cut=True)
    assert playout.cleared(now=99.0) == [Heard("a", 203, 203, cut=True)]


@pytest.mark.parametrize("sizes", [[1] * 37, [160] * 50, [7, 161, 4001, 1, 800]], ids=["bytes", "frames", "odd"])
def test_pieces_of_any_size_add_up(sizes: list[int]) -> None:
    playout = Playout()
    marks = [playout.sent("a", PCMU_8K.duration_ms(size), now=10.0) for size in sizes]
    last = playout.completed("a")
    whole_ms = sum(sizes) / 8

    for mark in [*marks, last]:
        if mark is not None:
            playout.marked(mark, now=10.0)

    assert playout.ended() == [Heard("a", int(whole_ms), int(whole_ms), cut=False)]


def test_an_item_that_ends_within_a_millisecond_leaves_nothing_behind() -> None:
    playout = Playout()
    playout.sent("a", 200.375, now=10.0)
    playout.completed("a")
    playout.sent("b", 300, now=10.0)
    playout.completed("b")

    playout.marked(200, now=10.2)
    assert [item.item_id for item in playout.ended()] == ["a"]
    playout.marked(500, now=10.5)
    assert [(item.item_id, item.sent_ms, item.cut) for item in playout.ended()] == [("b", 300, False)]


def test_less_than_a_millisecond_is_no_reason_to_wait() -> None:
    playout = Playout()
    playout.sent("a", 200, now=10.0)
    playout.marked(200, now=10.2)
    playout.sent("a", 0.5, now=10.2)

    assert playout.completed("a") is None
    assert playout.ended() == [Heard("a", 200, 200, cut=False)]


# ---- against a line that plays ---------------------------------------------------------------------------------------


class Talk:
    """Sends over a line that takes its time, and compares the account with what was really heard."""

    def __init__(self, audio: AudioFormat = PCMU_8K) -> None:
        self.clock = SteppedClock()
        self.leg = MemoryLeg(self.clock, audio)
        self.leg.listen(self)
        self.playout = Playout()
        self.reported: list[Heard] = []
        self.items = 1
        self.said = False
        self.slowest_ms = 0.0
        self.reckoned = (0.0, 0.0)
        """By the account, and really heard, when the line was last cleared."""

    def say(self, size_bytes: int) -> None:
        sound, audio = bytes(size_bytes * self.leg.format.bytes_per_sample), self.leg.format
        while sound:
            size = audio.size_bytes(self.playout.room_ms()) or audio.bytes_per_sample
            piece, sound = sound[:size], sound[size:]
            self.leg.play(piece)
            self._mark(self.playout.sent(str(self.items), audio.duration_ms(len(piece)), self.clock()))
            self.said = True

    def finish(self) -> None:
        if self.said:
            self._mark(self.playout.completed(str(self.items)))
            self.reported += self.playout.ended()
            self._next()

    def wait(self, ms: float) -> None:
        until = self.clock() + ms / 1000
        while (due := self.leg.deadline()) <= until:
            self.clock.now = max(self.clock.now, due)
            self.leg.on_time(self.clock())
        self.clock.now = until

    def travel(self, ms: float) -> None:
        self.leg.delay_s = ms / 1000
        self.slowest_ms = max(self.slowest_ms, ms)

    def clear(self) -> None:
        reported = len(self.reported)
        self.leg.clear()
        self.reported += self.playout.cleared(self.clock())
        self.wait(2 * self.slowest_ms)  # it arrives, and the echoes come back
        account_ms, truth_ms = float(sum(item.heard_ms for item in self.reported)), self.leg.heard_ms
        error_ms = (account_ms - self.reckoned[0]) - (truth_ms - self.reckoned[1])
        self.reckoned = (account_ms, truth_ms)
        rounding_ms = len(self.reported) - reported + 1
        # Never more than a mark's distance too much; too little by what a mark and the clear take on the way.
        assert -max(MARK_EVERY_MS, 2 * self.slowest_ms) - rounding_ms <= error_ms <= MARK_EVERY_MS + rounding_ms
        self._next()

    def heard(self, position_ms: int) -> None:
        before_ms = self.playout.position_ms(self.clock())
        self.playout.marked(position_ms, self.clock())
        assert self.playout.position_ms(self.clock()) >= before_ms - 1e-6
        self.reported += self.playout.ended()

    def spoke(self, frame: bytes) -> None: ...
    def filled(self) -> None: ...
    def drained(self) -> None: ...

    def pressed(self, digit: str) -> None: ...

    def left(self, reason: LeftReason) -> None: ...

    def _mark(self, position_ms: int | None) -> None:
        if position_ms is not None:
            self.leg.mark(position_ms)

    def _next(self) -> None:
        self.items += self.said
        self.said = False


steps = st.one_of(
    st.tuples(st.just(Talk.say), st.integers(1, 6000)),
    st.tuples(st.just(Talk.wait), st.floats(0, 700)),
    st.tuples(st.just(Talk.travel), st.floats(0, 100)),
    st.tuples(st.just(Talk.finish)),
    st.tuples(st.just(Talk.clear)),
)


@settings(deadline=None)
@given(st.lists(steps, max_size=40))
@example([(Talk.say, 4000), (Talk.wait, 130.0), (Talk.clear,), (Talk.say, 4000), (Talk.wait, 130.0)])
def test_the_account_is_never_off_by_more_than_a_mark(steps: list[tuple[Callable[..., None], object]]) -> None:
    talk = Talk()
    for step, *arguments in steps:
        step(talk, *arguments)
    talk.clear()

    assert all(0 <= item.heard_ms <= item.sent_ms for item in talk.reported)
    assert sorted(int(item.item_id) for item in talk.reported) == list(range(1, talk.items))
