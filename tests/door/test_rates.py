from offhook.door.rates import STATUSES_PER_CALL, WINDOW_S, RateLimits, Rates


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_stranger_may_ask_so_often_in_a_minute_and_is_told_when_to_come_back() -> None:
    clock = Clock()
    rates = Rates(RateLimits(strangers_per_minute=3), clock)
    assert [rates.stranger("10.0.0.1") for _ in range(3)] == [None] * 3
    clock.now += 20
    assert rates.stranger("10.0.0.1") == 40
    assert rates.stranger("10.0.0.2") is None
    clock.now += 40
    assert rates.stranger("10.0.0.1") is None


def test_looking_at_a_strangers_count_does_not_count() -> None:
    rates = Rates(RateLimits(strangers_per_minute=1), Clock())
    assert [rates.stranger_must_wait("a") for _ in range(5)] == [None] * 5
    rates.stranger("a")
    assert [rates.stranger_must_wait("a") for _ in range(5)] == [60] * 5


def test_a_burst_of_calls_is_no_flood() -> None:
    clock = Clock()
    rates = Rates(RateLimits(account_calls_per_second=2), clock)
    assert [rates.new_call("AC1") for _ in range(2 * WINDOW_S)] == [None] * 2 * WINDOW_S
    assert rates.new_call("AC1") == WINDOW_S
    assert rates.new_call("AC2") is None
    assert [rates.status("AC1") for _ in range(2 * WINDOW_S * STATUSES_PER_CALL)].count(None) == 200
    assert rates.status("AC1") == WINDOW_S


def test_programs_have_a_limit_of_their_own() -> None:
    rates = Rates(RateLimits(api_per_second=1, strangers_per_minute=1), Clock())
    rates.stranger("a")
    rates.stranger("a")
    assert [rates.api() for _ in range(WINDOW_S)] == [None] * WINDOW_S
    assert rates.api() == WINDOW_S


def test_who_watches_and_who_acts_do_not_shut_each_other_out() -> None:
    rates = Rates(RateLimits(api_per_second=1), Clock())
    while rates.watch() is None:
        pass
    assert [rates.api() for _ in range(WINDOW_S)] == [None] * WINDOW_S
    assert (rates.api(), rates.watch()) == (WINDOW_S, WINDOW_S)


def test_a_name_of_any_length_is_a_short_key() -> None:
    rates = Rates(RateLimits(account_calls_per_second=1), Clock())
    for n in range(WINDOW_S):
        assert rates.new_call("A" * 64 + str(n)) is None
    assert rates.new_call("A" * 100_000) is not None
