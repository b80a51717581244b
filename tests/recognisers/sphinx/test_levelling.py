import numpy as np
import pytest
from tests.recognisers.telephone import BOOKING, CANCEL, called

from offhook.recognisers.sphinx.levelling import HOLD_MS, NOMINAL_RMS, Levelling, Samples


def speech(gain_db: float = 0.0, text: str = BOOKING) -> Samples:
    return np.frombuffer(called(text, gain_db=gain_db), np.int16).astype(np.float32)


def levelled(samples: Samples, piece: int = 160, expected_rms: float | None = None) -> Samples:
    levelling = Levelling()
    levelling.begin(expected_rms)
    ready = [levelling.hear(samples[at : at + piece]) for at in range(0, len(samples), piece)]
    return np.concatenate((*ready, levelling.finish()))


def level(samples: Samples) -> float:
    """Of the loudest 100 ms."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    return float(np.sort(np.sqrt((frames**2).mean(axis=1)))[-5:].mean())


@pytest.mark.parametrize("samples", [0, 1, 159, 160, HOLD_MS * 8 - 1, HOLD_MS * 8, HOLD_MS * 8 + 1, 20_000])
@pytest.mark.parametrize("piece", [7, 160, 5000])
def test_as_much_comes_out_as_went_in_whatever_the_pieces(samples: int, piece: int) -> None:
    sound = speech(10)[:samples]

    np.testing.assert_allclose(levelled(sound, piece), levelled(sound, 20_000), rtol=1e-4, atol=1e-3)
    assert len(levelled(sound, piece)) == samples


def test_loud_and_soft_callers_come_near_to_the_level_of_the_rest() -> None:
    for gain_db in (-10, 0, 10, 15):
        sound = speech(gain_db)
        assert NOMINAL_RMS / 2.1 < level(levelled(sound)) < NOMINAL_RMS * 2.1, gain_db
    assert level(speech(15)) > 3 * level(levelled(speech(15)))


def test_a_caller_who_is_known_to_be_loud_or_soft_is_levelled_from_the_first_sample() -> None:
    for gain_db in (-12, 12):
        sound = speech(gain_db, CANCEL)
        out = levelled(sound, expected_rms=level(sound))

        np.testing.assert_allclose(out, sound * (NOMINAL_RMS / level(sound)), rtol=1e-4, atol=0.01)


def test_how_loud_the_caller_was_is_told_and_forgotten_with_the_next() -> None:
    levelling = Levelling()
    levelling.begin(None)
    sound = speech(6)
    levelling.hear(sound)
    levelling.finish()
    assert levelling.loudness_rms == pytest.approx(level(sound), rel=0.01)

    levelling.begin(None)
    assert levelling.loudness_rms == 0
    np.testing.assert_array_equal(np.concatenate((levelling.hear(speech()), levelling.finish())), levelled(speech()))


def test_silence_stays_silent() -> None:
    assert not levelled(np.zeros(8000, np.float32)).any()
