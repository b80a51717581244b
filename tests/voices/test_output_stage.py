import numpy as np
import pytest

from offhook.voices.output_stage import OutputStage

ENGINE_HZ = 22050


def tone(hz: float, seconds: float, amplitude: float = 0.2) -> bytes:
    t = np.arange(int(ENGINE_HZ * seconds)) / ENGINE_HZ
    return (amplitude * 32767 * np.sin(2 * np.pi * hz * t)).astype(np.int16).tobytes()


def through(stage: OutputStage, sound: bytes, size: int = 2646) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    pieces = [stage.take(sound[at : at + size]) for at in range(0, len(sound), size)]
    return np.frombuffer(b"".join([*pieces, stage.finish()]), np.int16)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000])
def test_the_sound_is_as_long_as_before_and_as_loud_as_asked(rate_hz: int) -> None:
    out = through(OutputStage(ENGINE_HZ, rate_hz, 0.5), tone(1000, 2))

    assert len(out) == pytest.approx(2 * rate_hz, abs=2)
    middle = out[rate_hz // 2 : -rate_hz // 2].astype(float)
    assert np.sqrt((middle**2).mean()) == pytest.approx(0.1 * 32767 / np.sqrt(2), rel=0.01)
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.fft.rfftfreq(len(middle), 1 / rate_hz)[spectrum.argmax()] == pytest.approx(1000, abs=2)


def test_what_a_telephone_cannot_carry_is_left_out() -> None:
    out = through(OutputStage(ENGINE_HZ, 8000, 1), tone(6000, 1))

    assert np.abs(out[1000:-1000]).max() < 5


def test_it_does_not_matter_where_pieces_end() -> None:
    sound = tone(440, 1)

    small = through(OutputStage(ENGINE_HZ, 24000, 1), sound, 200)
    large = through(OutputStage(ENGINE_HZ, 24000, 1), sound, 10000)

    assert np.abs(small.astype(int) - large.astype(int)).max() <= 1


def test_silence_stays_silent_and_loudness_does_not_wrap() -> None:
    assert not through(OutputStage(ENGINE_HZ, 8000, 8), bytes(20000)).any()
    loud = through(OutputStage(ENGINE_HZ, 8000, 8), tone(500, 1, amplitude=0.9))
    assert np.abs(loud.astype(int)).max() < 0.9 * 32767
