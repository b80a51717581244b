import pytest

from offhook.loadtest.twilio.voice import QUEUE_LIMIT_S, Voice


def test_sound_comes_out_in_frames_of_20_ms_without_gaps() -> None:
    voice = Voice()
    voice.say(b"\x01" * 100)
    voice.say(b"\x02" * 100)

    assert voice.next_frame() == b"\x01" * 100 + b"\x02" * 60
    assert not voice.silent
    assert voice.next_frame() == b"\x02" * 40 + b"\xff" * 120
    assert voice.silent
    assert voice.next_frame() == b""


def test_a_caller_can_stop_in_the_middle() -> None:
    voice = Voice()
    voice.say(b"\x01" * 1000)
    voice.hush()

    assert voice.silent


def test_nobody_speaks_for_ever() -> None:
    voice = Voice()
    voice.say(bytes(QUEUE_LIMIT_S * 8000))

    with pytest.raises(ValueError, match="s wait to be spoken"):
        voice.say(b"\x01")
