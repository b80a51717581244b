from offhook.calls.line import RESUMES_LIMIT, RESUMES_WINDOW_S, Line


def test_a_stream_is_offered_until_it_comes() -> None:
    line = Line()

    fence = line.offer_stream()
    assert line.offer_stream() == fence
    assert line.claim(fence)
    assert line.offer_stream() > fence


def test_a_stream_comes_once() -> None:
    line = Line()
    fence = line.offer_stream()

    assert line.claim(fence)
    assert not line.claim(fence)


def test_a_stream_that_was_not_offered_does_not_come() -> None:
    line = Line()
    assert not line.claim(0)
    assert not line.claim(1)

    fence = line.offer_stream()
    assert not line.claim(fence + 1)
    assert not line.claim(fence - 1)


def test_an_older_stream_is_too_late() -> None:
    line = Line()
    first = line.offer_stream()
    line.claim(first)
    second = line.offer_stream()

    assert not line.claim(first)
    assert line.claim(second)


def test_five_resumes_a_minute_are_no_loop() -> None:
    line = Line()

    assert all(line.may_resume(now=100.0 + n) for n in range(RESUMES_LIMIT))
    assert not line.may_resume(now=110.0)


def test_resumes_that_are_far_apart_are_no_loop() -> None:
    line = Line()
    every_s = RESUMES_WINDOW_S / RESUMES_LIMIT

    assert all(line.may_resume(now=100.0 + n * every_s) for n in range(50))


def test_a_loop_that_has_calmed_down_is_none() -> None:
    line = Line()
    for n in range(RESUMES_LIMIT + 3):
        line.may_resume(now=100.0 + n)

    assert line.may_resume(now=108.0 + RESUMES_WINDOW_S)


def test_status_callbacks_may_overtake_each_other() -> None:
    line = Line()

    assert line.told("initiated", 0)
    assert line.told("in-progress", 2)
    assert not line.told("ringing", 1)
    assert not line.told("in-progress", 2)
    assert (line.status, line.status_sequence) == ("in-progress", 2)
