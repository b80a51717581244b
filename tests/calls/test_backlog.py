from hypothesis import given, settings
from hypothesis import strategies as st

from offhook.audio.formats import PCM16_24K, PCMU_8K
from offhook.calls.backlog import Backlog

FRAME = b"\xff" * 160  # 20 ms


def test_frames_come_out_as_they_went_in() -> None:
    backlog = Backlog(PCMU_8K, 1000)
    backlog.add(b"a" * 160)
    backlog.add(b"b" * 80)

    assert backlog.waiting_ms == 30
    assert list(backlog.drain()) == [b"a" * 160, b"b" * 80]
    assert backlog.waiting_ms == len(backlog) == backlog.dropped_ms == 0


def test_the_oldest_are_dropped_and_counted() -> None:
    backlog = Backlog(PCMU_8K, 60)
    for name in (b"a", b"b", b"c", b"d", b"e"):
        backlog.add(name * 160)

    assert [frame[:1] for frame in backlog.drain()] == [b"c", b"d", b"e"]
    assert backlog.dropped_ms == 40


def test_as_much_as_the_limit_may_wait() -> None:
    backlog = Backlog(PCMU_8K, 60)
    for _ in range(3):
        backlog.add(FRAME)

    assert backlog.waiting_ms == 60
    assert backlog.dropped_ms == 0


def test_a_frame_longer_than_the_limit_is_dropped_whole() -> None:
    backlog = Backlog(PCMU_8K, 60)
    backlog.add(FRAME * 4)

    assert len(backlog) == 0
    assert backlog.dropped_ms == 80


def test_what_is_not_taken_stays() -> None:
    backlog = Backlog(PCMU_8K, 1000)
    for name in (b"a", b"b", b"c"):
        backlog.add(name * 160)
    for _ in backlog.drain():
        break

    assert backlog.waiting_ms == 40
    assert [frame[:1] for frame in backlog.drain()] == [b"b", b"c"]


def test_time_is_counted_in_the_format_of_the_sound() -> None:
    backlog = Backlog(PCM16_24K, 20)
    backlog.add(bytes(960))

    assert backlog.waiting_ms == 20


@settings(deadline=None)
@given(st.lists(st.integers(0, 500)))
def test_what_waits_is_bounded_and_nothing_goes_missing(sizes: list[int]) -> None:
    backlog = Backlog(PCMU_8K, 100)
    for size in sizes:
        backlog.add(bytes(size))
        assert backlog.waiting_ms <= 100

    assert backlog.waiting_ms + backlog.dropped_ms == sum(sizes) / 8
