import numpy as np
import pytest
from tests.recognisers.telephone import BOOKING, called

from offhook.recognisers.sphinx.quieting import LOOK_MS, Quieting, Samples


def quieted(samples: Samples, piece: int) -> Samples:
    quieting = Quieting()
    ready = [quieting.hear(samples[at : at + piece]) for at in range(0, len(samples), piece)]
    return np.concatenate((*ready, quieting.finish()))


def speech(snr_db: float | None = None) -> Samples:
    return np.frombuffer(called(BOOKING, snr_db=snr_db), np.int16).astype(np.float32)


def rms(samples: Samples) -> float:
    return float(np.sqrt((samples**2).mean()))


@pytest.mark.parametrize("samples", [0, 1, 127, 128, 129, 2175, 2176, 2177, 2400, 20_000])
@pytest.mark.parametrize("piece", [1, 160, 5000])
def test_as_much_comes_out_as_went_in_whatever_the_pieces(samples: int, piece: int) -> None:
    sound = np.random.default_rng(samples).normal(0, 1000, samples).astype(np.float32)
    if samples > 3000 and piece == 1:
        piece = 7
    out = quieted(sound, piece)

    assert len(out) == samples
    np.testing.assert_allclose(out, quieted(sound, 1000), atol=0.5)


def test_steady_noise_is_taken_down_and_speech_over_it_stays() -> None:
    noisy = speech(snr_db=20)
    out = quieted(noisy, 160)
    before = slice(400, 1800)  # the silence of the line before the caller speaks

    assert rms(out[before]) < 0.3 * rms(noisy[before])
    assert rms(out[4000:]) == pytest.approx(rms(noisy[4000:]), rel=0.15)


def test_speech_without_noise_passes_in_time_and_unchanged() -> None:
    clean = speech()
    out = quieted(clean, 160)

    assert np.corrcoef(clean, out)[0, 1] > 0.995


def test_silence_stays_silent() -> None:
    assert not quieted(np.zeros(8000, np.float32), 160).any()


def test_nothing_comes_out_before_the_noise_was_judged_and_then_all_of_it() -> None:
    quieting, samples = Quieting(), LOOK_MS * 8
    sound = np.random.default_rng(1).normal(0, 1000, samples).astype(np.float32)

    assert len(quieting.hear(sound[: samples - 1])) == 0
    assert len(quieting.hear(sound[samples - 1 :])) == samples - 128


def test_after_the_end_or_a_reset_it_is_as_new() -> None:
    quieting, sound = Quieting(), speech()
    quieting.hear(speech(snr_db=5))
    quieting.reset()
    first = np.concatenate((quieting.hear(sound), quieting.finish()))
    second = np.concatenate((quieting.hear(sound), quieting.finish()))

    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, quieted(sound, len(sound)))
