from math import inf

from offhook.calls.digits import LENGTH_LIMIT, PAUSE_S, Digits


def test_keys_are_gathered_until_the_hash() -> None:
    digits = Digits()

    assert [digits.pressed(key, now=10.0) for key in "1234"] == [None] * 4
    assert digits.pressed("#", now=10.0) == "1234#"
    assert digits.deadline() == inf


def test_a_pause_completes_them() -> None:
    digits = Digits()
    digits.pressed("4", now=10.0)
    digits.pressed("2", now=11.0)

    assert digits.deadline() == 11.0 + PAUSE_S
    assert digits.on_time(now=12.4) is None
    assert digits.on_time(now=12.5) == "42"
    assert digits.on_time(now=99.0) is None


def test_each_number_begins_anew() -> None:
    digits = Digits()
    digits.pressed("1", now=10.0)
    digits.pressed("#", now=10.0)
    digits.pressed("2", now=10.0)

    assert digits.on_time(now=99.0) == "2"


def test_a_key_that_is_stuck_does_not_gather_for_ever() -> None:
    digits = Digits()
    for _ in range(LENGTH_LIMIT - 1):
        assert digits.pressed("5", now=10.0) is None

    assert digits.pressed("5", now=10.0) == "5" * LENGTH_LIMIT


def test_nothing_is_complete_when_nothing_was_pressed() -> None:
    assert Digits().deadline() == inf
    assert Digits().on_time(now=99.0) is None
