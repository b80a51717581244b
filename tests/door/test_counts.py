import threading

from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from offhook.door.counts import Counts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_window_is_counted_from_its_first_and_ends() -> None:
    clock = Clock()
    counts = Counts(clock)
    assert [counts.incr("a", 10) for _ in range(3)] == [1, 2, 3]
    clock.now += 9.9
    assert (counts.get("a"), counts.get_expiry("a"), counts.incr("a", 10)) == (3, 1010.0, 4)
    clock.now += 0.1
    assert (counts.get("a"), counts.get_expiry("a"), counts.incr("a", 10)) == (0, 1010.0, 1)


def test_a_hundred_thousand_addresses_take_no_more_room_than_the_limit_and_no_thread() -> None:
    counts = Counts(Clock(), keys_limit=1000)
    limiter, item = FixedWindowRateLimiter(counts), RateLimitItemPerMinute(5)
    before = threading.active_count()
    for n in range(100_000):
        assert limiter.hit(item, f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")

    assert len(counts) == 1000
    assert threading.active_count() == before


def test_whose_window_began_first_is_forgotten_first() -> None:
    counts = Counts(Clock(), keys_limit=2)
    for key in ("a", "b", "a", "c"):
        counts.incr(key, 10)

    assert (counts.get("a"), counts.get("b"), counts.get("c")) == (0, 1, 1)


def test_counts_can_be_forgotten() -> None:
    counts = Counts(Clock())
    counts.incr("a", 10)
    counts.incr("b", 10)
    counts.clear("a")
    counts.clear("nobody")
    assert (counts.check(), counts.get("a"), counts.reset(), len(counts)) == (True, 0, 1, 0)
