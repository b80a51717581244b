from base64 import b64decode

import pytest

from offhook.loadtest.load.recording import SILENT_PAYLOAD, Recording
from offhook.loadtest.load.talkers import GREETING_S, PATIENCE_S, NonStop, State, TurnTaker
from offhook.loadtest.load.tally import ERROR_KINDS_LIMIT, Tally

FRAME = 160
SPEECH = Recording((b"a1", b"a2", b"-", b"b1"), ((b"a1", b"a2"), (b"b1",)))


class Line:
    """Calls a talker every 20 ms, and plays it what it is told to."""

    def __init__(self, kind: type[TurnTaker] | type[NonStop] = TurnTaker, *, paced: bool = True) -> None:
        self.now = 100.0
        self.tally = Tally()
        self.talker = kind(SPEECH, self.tally, 0, paced=paced, clock=lambda: self.now)

    def tick(self, frames: int = 1, *, plays: bool = False, late_ms: float = 0) -> list[bytes]:
        said = []
        for _ in range(frames):
            if plays:
                self.talker.hears(FRAME, self.now + late_ms / 1000)
            said.append(self.talker.next_payload(self.now))
            self.now += 0.020
        return said

    def seconds(self, seconds: float) -> list[bytes]:
        return self.tick(round(seconds / 0.020))


def test_a_caller_hears_the_greeting_out_and_then_speaks() -> None:
    line = Line()
    assert set(line.tick(10) + line.tick(50, plays=True)) == {SILENT_PAYLOAD}

    said = line.seconds(0.4)

    assert [payload for payload in said if payload != SILENT_PAYLOAD] == [b"a1", b"a2"]
    assert said.index(b"a1") >= 10  # a pause of 200 ms
    assert line.tally.first_sound.quantile(1) == pytest.approx(200, rel=0.02)


def test_a_caller_who_is_not_greeted_speaks_first() -> None:
    line = Line()

    assert set(line.seconds(GREETING_S - 0.1)) == {SILENT_PAYLOAD}
    assert b"a1" in line.seconds(0.3)
    assert line.tally.errors_total == 0


def test_the_answer_is_timed_from_the_last_loud_frame() -> None:
    line = Line()
    line.seconds(GREETING_S + 0.02)
    while getattr(line.talker, "state", None) is not State.AWAITING:
        line.tick()
    line.now += 0.700 - 0.020

    line.tick(plays=True)

    assert line.tally.response.quantile(0.5) == pytest.approx(700, rel=0.002)
    assert line.tally.turns == 1


def test_sentences_follow_one_another() -> None:
    line = Line()
    said = []
    for _ in range(3):
        said += line.tick(5, plays=True)
        said += line.seconds(0.4)

    assert [payload for payload in said if payload != SILENT_PAYLOAD] == [b"a1", b"a2", b"b1", b"a1", b"a2"]


def test_silence_where_an_answer_was_due_is_an_error_and_the_caller_tries_again() -> None:
    line = Line()
    line.seconds(GREETING_S + 0.1)

    said = line.seconds(PATIENCE_S + 0.2)

    assert line.tally.silences == 1
    assert dict(line.tally.errors) == {"silence where an answer was due": 1}
    assert b"b1" in said


def test_a_late_frame_of_a_reply_is_noticed() -> None:
    line = Line()
    line.tick(20, plays=True)
    line.tick(1, plays=True, late_ms=15)

    assert line.tally.lateness.max == pytest.approx(15, rel=0.03)


def test_each_reply_has_a_time_of_its_own() -> None:
    line = Line()
    line.tick(5, plays=True)
    line.seconds(0.4)
    line.tick(5, plays=True)

    late_ms = line.tally.lateness.max
    assert late_ms is not None
    assert late_ms < 1


def test_a_caller_who_never_stops_sees_a_long_stall() -> None:
    line = Line(NonStop)
    line.tick(250, plays=True)
    line.seconds(2.0)
    line.tick(1250, plays=True)

    assert (line.tally.lateness.quantile(0.99) or 0) == pytest.approx(2000, rel=0.02)
    assert line.tally.missing_ms == pytest.approx(2000, rel=0.02)


def test_sound_without_end_that_has_ended_before_the_call_is_missing() -> None:
    line = Line(NonStop)
    line.tick(50, plays=True)
    line.seconds(4.0)
    line.talker.ended(5.0)

    assert line.tally.lost.max == pytest.approx(4000, rel=0.02)


def test_what_comes_after_a_stall_while_the_caller_speaks_is_late() -> None:
    line = Line()
    line.tick(25, plays=True)
    while getattr(line.talker, "state", None) is not State.SPEAKING:
        line.tick()  # a pause of manners, and then the caller begins
    line.now += 2.0
    line.tick(1, plays=True)

    assert (line.tally.lateness.max or 0) > 2000


def test_a_reply_that_broke_off_is_missing_sound() -> None:
    line = Line()
    line.tick(25, plays=True)
    line.seconds(1.0)
    assert getattr(line.talker, "state", None) is State.AWAITING
    line.tick(75, plays=True)
    line.talker.ended(4.0)

    assert line.tally.missing_ms == 1000
    assert line.tally.lost.max == pytest.approx(1000, rel=0.02)


def test_of_a_reply_that_is_under_way_at_the_end_nothing_is_missing() -> None:
    line = Line()
    line.tick(25, plays=True)
    line.talker.ended(4.0)

    assert line.tally.lost.count == 0


@pytest.mark.parametrize(("held_s", "hears", "due", "unheard"), [(4, False, 1, 1), (4, True, 1, 0), (2, False, 0, 0)])
def test_whoever_holds_long_enough_should_hear_something(held_s: float, hears: bool, due: int, unheard: int) -> None:
    line = Line()
    line.tick(5, plays=hears)
    line.talker.ended(held_s)

    assert (line.tally.due, line.tally.unheard) == (due, unheard)


def test_replies_without_a_pace_cannot_be_late() -> None:
    line = Line(paced=False)
    line.tick(20, plays=True)

    assert line.tally.lateness.count == 0
    assert line.tally.received_ms == 400


def test_the_tester_s_own_lateness_is_told() -> None:
    line = Line()
    line.talker.next_payload(line.now - 0.030)

    assert line.tally.sending.max == pytest.approx(30, rel=0.02)


def test_some_callers_never_stop() -> None:
    line = Line(NonStop)

    assert line.tick(5) == [b"a2", b"-", b"b1", b"a1", b"a2"]


def test_and_miss_what_does_not_come() -> None:
    line = Line(NonStop)
    line.seconds(PATIENCE_S + 0.5)

    assert dict(line.tally.errors) == {"silence where sound was due": 1}


def test_kinds_of_errors_are_limited() -> None:
    tally = Tally()
    for number in range(ERROR_KINDS_LIMIT * 3):
        tally.error(f"{number} " + "x" * 10_000)

    assert len(tally.errors) == ERROR_KINDS_LIMIT + 1
    assert tally.errors_total == ERROR_KINDS_LIMIT * 3
    assert max(map(len, tally.errors)) == 200


def test_silence_is_silence() -> None:
    assert b64decode(SILENT_PAYLOAD) == b"\xff" * FRAME
