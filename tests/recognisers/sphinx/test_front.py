import numpy as np
import pytest
from tests.recognisers.telephone import BOOKING, CANCEL, called

from offhook.errors import AudioError
from offhook.recognisers.sphinx.front import FLOOR_RMS, Front


def through(front: Front, sound: bytes, piece_bytes: int = 320) -> bytes:
    front.begin()
    pieces = [front.hear(sound[at : at + piece_bytes]) for at in range(0, len(sound), piece_bytes)]
    return b"".join((*pieces, front.finish()))


def samples(pcm16: bytes) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.frombuffer(pcm16, np.int16).astype(float)


def test_twice_as_many_samples_come_out_and_in_time() -> None:
    sound = called(BOOKING)
    wide = samples(through(Front(), sound))

    assert len(wide) == len(sound)
    assert np.corrcoef(wide[::2], samples(sound))[0, 1] > 0.99


def test_above_the_telephones_band_is_a_soft_noise() -> None:
    wide = samples(through(Front(), called(BOOKING)))
    power = np.abs(np.fft.rfft(wide)) ** 2
    hertz = np.fft.rfftfreq(len(wide), 1 / 16_000)
    above = power[hertz > 4500].sum() * 2 / len(wide) ** 2

    assert np.sqrt(above * 8000 / 3500) == pytest.approx(FLOOR_RMS, rel=0.1)


def test_the_pieces_make_no_difference_beyond_rounding() -> None:
    sound = called(CANCEL)
    one, other = (samples(through(Front(), sound, piece)) for piece in (320, 5000))

    assert np.abs(one - other).max() <= 6


def test_nothing_of_one_utterance_is_in_the_next() -> None:
    front = Front()
    first = samples(through(front, called(CANCEL)))
    through(front, called(BOOKING, gain_db=10))
    front.begin()
    front.hear(called(BOOKING)[:20_000])
    again = samples(through(front, called(CANCEL)))

    # soxr dithers by one step, and goes on where it was
    assert np.abs(first - again).max() <= 6


def test_half_a_sample_is_refused() -> None:
    front = Front()
    with pytest.raises(AudioError):
        front.hear(b"odd")
