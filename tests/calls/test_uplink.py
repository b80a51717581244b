from offhook.audio.chain import join
from offhook.audio.formats import PCMU_8K
from offhook.calls import events
from offhook.calls.uplink import Uplink
from offhook.telemetry.measures import Measures
from offhook.testing.memory_engine import MemorySession

FRAMES = [bytes([number]) * 160 for number in range(4)]


class Listening:
    """An uplink with a leg, and a session that is not on yet."""

    def __init__(self, queue_ms: int = 1000) -> None:
        self.told: list[events.SoundDropped] = []
        self.up = Uplink(queue_ms=queue_ms, measures=Measures(), tell=self.told.append)
        self.session = MemorySession(hears=PCMU_8K, speaks=PCMU_8K)
        self.up.leg_came(PCMU_8K)

    def connect(self) -> None:
        self.up.session, self.up.chain = self.session, join(PCMU_8K, PCMU_8K)
        self.up.drain()


def test_sound_that_waited_comes_before_what_is_spoken_then() -> None:
    call = Listening()
    call.up.spoke(FRAMES[0])
    call.up.spoke(FRAMES[1])
    assert call.up.waiting_ms == 40

    call.connect()
    call.up.spoke(FRAMES[2])

    assert b"".join(call.session.frames) == b"".join(FRAMES[:3])
    assert call.up.waiting_ms == 0


def test_a_session_that_takes_nothing_is_not_overtaken() -> None:
    call = Listening()
    call.connect()
    call.session.stall()
    call.up.spoke(FRAMES[0])
    call.session.relieve()
    call.up.spoke(FRAMES[1])
    assert call.session.frames == []

    call.up.drain()
    call.up.spoke(FRAMES[2])

    assert b"".join(call.session.frames) == b"".join(FRAMES[:3])


def test_what_was_dropped_is_told_once_and_counted_over_all_legs() -> None:
    call = Listening(queue_ms=20)
    for frame in FRAMES[:3]:
        call.up.spoke(frame)
    call.connect()
    call.up.drain()
    assert call.told == [events.SoundDropped(40)]

    call.up.leg_came(PCMU_8K)

    assert call.up.dropped_ms == 40
