import shutil

import numpy as np
import pytest
from tests.recognisers.telephone import CANCEL, said

from offhook.audio.g711 import pcm16_to_pcmu, pcmu_to_pcm16
from offhook.recognisers.sphinx.rehearsal import LEAD_SAMPLES, PEAK, TRAIL_SAMPLES, Samples, say, telephone


def line(speech: Samples, *, gain_db: float = 0.0, snr_db: float | None = None) -> Samples:
    sound = telephone(speech, np.random.default_rng(0), gain_db=gain_db, snr_db=snr_db)
    assert pcmu_to_pcm16(pcm16_to_pcmu(sound)) == sound
    return np.frombuffer(sound, np.int16).astype(float)


def rms(samples: Samples) -> float:
    return float(np.sqrt((samples**2).mean()))


def tone(hertz: float) -> Samples:
    samples: Samples = 5000 * np.sin(2 * np.pi * hertz * np.arange(16_000) / 16_000)
    return samples


def test_a_sentence_stands_in_the_silence_of_a_line() -> None:
    sound = line(said(CANCEL))

    assert len(sound) == pytest.approx(len(said(CANCEL)) / 2 + LEAD_SAMPLES + TRAIL_SAMPLES, abs=2)
    assert 1 < rms(sound[:LEAD_SAMPLES]) < 10
    assert rms(sound[LEAD_SAMPLES:-TRAIL_SAMPLES]) > 500


@pytest.mark.parametrize(("hertz", "passes"), [(60, False), (400, True), (1000, True), (3000, True), (3950, False)])
def test_only_the_band_of_a_telephone_passes(hertz: float, passes: bool) -> None:
    through = rms(line(tone(hertz))[LEAD_SAMPLES + 800 : -TRAIL_SAMPLES - 800]) / rms(tone(hertz))

    assert through > 0.9 if passes else through < 0.3


def test_level_and_noise_are_as_asked_for() -> None:
    middle = slice(LEAD_SAMPLES + 800, -TRAIL_SAMPLES - 800)

    assert rms(line(tone(1000), gain_db=-10)[middle]) == pytest.approx(rms(tone(1000)) / 10**0.5, rel=0.05)
    noisy = line(tone(1000), snr_db=20)
    assert rms(noisy[:LEAD_SAMPLES]) == pytest.approx(rms(tone(1000)) / 10, rel=0.1)


@pytest.mark.skipif(not (shutil.which("flite") and shutil.which("espeak-ng")), reason="wants flite and espeak-ng")
@pytest.mark.parametrize("voice", ["slt", "en-us+klatt4"])
def test_both_synthesisers_speak_at_the_same_peak(voice: str) -> None:
    sentence = say("hello there", voice)

    assert np.abs(sentence).max() == pytest.approx(PEAK)
    assert 4000 < len(sentence) < 40_000
