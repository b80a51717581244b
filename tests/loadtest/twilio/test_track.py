from offhook.loadtest.twilio.track import Track


def test_silence_is_where_nothing_was_put() -> None:
    track = Track(limit_s=1)
    track.put(2, b"ab")
    track.put(4, b"c")
    track.put(7, b"d")

    assert track.render(10) == b"\xff\xffabc\xff\xffd\xff\xff"
    assert track.render(3) == b"\xff\xffa"


def test_a_cut_forgets_what_comes_after() -> None:
    track = Track(limit_s=1)
    track.put(0, b"abc")
    track.put(5, b"def")
    track.put(9, b"g")

    track.cut(6)

    assert track.render(10) == b"abc\xff\xffd\xff\xff\xff\xff"
    track.put(6, b"h")
    assert track.end == 7


def test_sound_over_sound_moves_behind_it() -> None:
    track = Track(limit_s=1)
    track.put(0, b"abc")
    track.put(1, b"d")

    assert track.render(4) == b"abcd"


def test_no_more_than_the_limit_is_kept() -> None:
    track = Track(limit_s=1)
    track.put(7_999, b"ab")
    track.put(20_000, b"c")

    assert track.end == 8_000
    nothing = Track(limit_s=0)
    nothing.put(0, b"ab")
    assert nothing.render(2) == b"\xff\xff"
