import pytest

from offhook.audio.formats import PCMU_8K, Encoding
from offhook.audio.meter import Meter
from offhook.loadtest.far_end.tones import PITCHES, chime, chime_hz, chime_number, dominant_hz, tone


def test_a_tone_lasts_as_long_as_asked_and_sounds_as_asked() -> None:
    sound = tone(700, 250)

    assert len(sound) == 250 * 8
    assert dominant_hz(sound) == pytest.approx(700, rel=0.01)


@pytest.mark.parametrize("number", range(PITCHES))
def test_any_piece_of_a_chime_tells_its_number(number: int) -> None:
    sound = chime(chime_hz(number), 1600)

    pieces = [sound[at : at + 100 * 8] for at in range(0, len(sound), 100 * 8)]

    assert {chime_number(dominant_hz(piece)) for piece in pieces} == {number}


def test_a_chime_is_heard_from_beginning_to_end() -> None:
    sound = chime(chime_hz(3), 2000)
    level_dbfs = Meter(Encoding.PCMU).level_dbfs

    assert all(level_dbfs(sound[at : at + 400]) > -40 for at in range(0, len(sound), 400))


def test_silence_has_no_pitch() -> None:
    assert dominant_hz(PCMU_8K.silence(200)) == 0
    assert dominant_hz(b"") == 0
