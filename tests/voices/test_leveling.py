import numpy as np
import pytest
from numpy.typing import NDArray

from offhook.voices.leveling import CEILING, KNEE, MAX_GAIN, bend_peaks, gain_for, speech_level_dbfs


def sine(amplitude: float, seconds: float = 1.0) -> bytes:
    t = np.arange(int(8000 * seconds)) / 8000
    return (amplitude * 32767 * np.sin(2 * np.pi * 400 * t)).astype(np.int16).tobytes()


def samples(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def test_pauses_do_not_count() -> None:
    alone = speech_level_dbfs(sine(0.1), 8000)

    assert alone == pytest.approx(-23.0, abs=0.1)
    assert speech_level_dbfs(sine(0.1) + bytes(32000) + sine(0.0001), 8000) == pytest.approx(alone, abs=0.1)


def test_silence_has_the_lowest_level() -> None:
    assert speech_level_dbfs(bytes(16000), 8000) == -96
    assert speech_level_dbfs(b"", 8000) == -96


def test_the_gain_brings_speech_to_the_line() -> None:
    assert gain_for(-20) == pytest.approx(1)
    assert gain_for(-26) == pytest.approx(2, rel=0.01)
    assert gain_for(-96) == MAX_GAIN


def test_peaks_are_bent_and_the_rest_is_left_alone() -> None:
    bent = bend_peaks(samples(0.1, -0.4, 0.6, -0.9, 5.0))

    assert bent[:2].tolist() == samples(0.1, -0.4).tolist()
    assert KNEE < bent[2] < 0.6
    assert -CEILING < bent[3] < -bent[2]
    assert bent[4] == pytest.approx(CEILING)


def test_nothing_is_bent_below_the_knee() -> None:
    quiet = samples(0.1, -0.2)

    assert bend_peaks(quiet) is quiet
    assert len(bend_peaks(samples())) == 0
