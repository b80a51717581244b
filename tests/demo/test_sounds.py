import numpy as np
import pytest

from offhook.audio.formats import PCMU_8K
from offhook.audio.g711 import pcmu_to_pcm16
from offhook.demo.recording import SPEECH_DBFS, levels_dbfs
from offhook.demo.scenario import AGENT_LINES, CALLER_LINES, Spoken
from offhook.demo.sounds import load_sound
from offhook.loadtest.far_end.ears import Ears, Started, Stopped

LINES = (*AGENT_LINES, *CALLER_LINES)

every_line = pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)


@every_line
def test_a_line_is_recorded_at_the_level_of_speech(line: Spoken) -> None:
    levels = np.array(levels_dbfs(load_sound(line.name), 20))
    spoken = levels[levels >= SPEECH_DBFS]

    assert -23 < 10 * np.log10(np.mean(10 ** (spoken / 10))) < -17
    assert levels.max() < -9


@every_line
def test_a_line_takes_as_long_as_people_take_to_say_it(line: Spoken) -> None:
    seconds = PCMU_8K.duration_ms(len(load_sound(line.name))) / 1000

    assert 10 < len(line.text) / seconds < 25, "letters a second"


@every_line
def test_a_line_rises_and_falls_as_speech_does_and_a_tone_does_not(line: Spoken) -> None:
    levels = np.array(levels_dbfs(load_sound(line.name), 20))

    assert np.std(levels) > 6


@every_line
def test_a_line_begins_and_ends_in_silence_but_wastes_no_time(line: Spoken) -> None:
    spoken = [level >= SPEECH_DBFS for level in levels_dbfs(load_sound(line.name), 20)]

    assert any(spoken[:10])
    assert any(spoken[-10:])


@every_line
def test_a_line_fits_through_a_telephone(line: Spoken) -> None:
    samples = np.frombuffer(pcmu_to_pcm16(load_sound(line.name)), dtype="<i2").astype(float)
    energy = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(samples.size, 1 / 8000)

    assert energy[(hz > 200) & (hz < 3600)].sum() > 0.99 * energy.sum()


@pytest.mark.parametrize("line", CALLER_LINES, ids=lambda line: line.name)
def test_what_the_caller_says_is_one_turn_to_the_far_end(line: Spoken) -> None:
    decisions = Ears().hear(load_sound(line.name) + PCMU_8K.silence(1000))

    assert [type(decision) for decision in decisions] == [Started, Stopped]


def test_caller_and_agent_do_not_sound_alike() -> None:
    assert abs(pitch_hz(AGENT_LINES[0]) - pitch_hz(CALLER_LINES[0])) > 40


def test_the_recordings_are_small() -> None:
    assert sum(len(load_sound(line.name)) for line in LINES) < 400_000


def test_a_line_that_was_not_recorded_is_told() -> None:
    with pytest.raises(FileNotFoundError):
        load_sound("agent_weather")


def pitch_hz(line: Spoken) -> float:
    """The median of what autocorrelation finds in the voiced windows of 40 ms, between 70 and 300 Hz."""
    samples = np.frombuffer(pcmu_to_pcm16(load_sound(line.name)), dtype="<i2").astype(float)
    found = []
    for at in range(0, samples.size - 320, 320):
        window = samples[at : at + 320]
        correlation = np.correlate(window, window, "full")[319:]
        lags = correlation[8000 // 300 : 8000 // 70]
        if correlation[0] > 320 * 1000**2 and lags.max() > 0.5 * correlation[0]:
            found.append(8000 / (int(lags.argmax()) + 8000 // 300))
    return float(np.median(found))
