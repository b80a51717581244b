from offhook.testing.clock import SteppedClock


def test_it_stands_still_until_it_is_stepped() -> None:
    clock = SteppedClock(now=5.0)

    assert clock() == clock() == 5.0
    assert clock.step(0.5) == clock() == 5.5
