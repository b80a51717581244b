from itertools import cycle, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from offhook.audio.resample import RATES_HZ, Resampler, resample
from offhook.errors import AudioError

PATHS = list(permutations(RATES_HZ, 2))
MAX_HELD_BACK_MS = 30
DITHER = 2
"""How far two runs of the same sound may be apart, in units of the last bit: soxr draws its dither anew each time."""

Floats = NDArray[np.float64]


def tone(frequency_hz: float, rate_hz: int, peak: int = 10000, duration_s: float = 1.0) -> bytes:
    t = np.arange(int(rate_hz * duration_s)) / rate_hz
    return np.round(peak * np.sin(2 * np.pi * frequency_hz * t)).astype("<i2").tobytes()


def noise(rate_hz: int, duration_s: float = 0.5) -> bytes:
    return np.random.default_rng(1).normal(0, 3000, int(rate_hz * duration_s)).astype("<i2").tobytes()


def samples(sound: bytes) -> Floats:
    return np.frombuffer(sound, "<i2").astype(np.float64)


def middle(sound: bytes) -> Floats:
    """Without the edges, where a tone that begins at once is no pure tone."""
    whole = samples(sound)
    return whole[len(whole) // 5 : -len(whole) // 5]


def level_db(wave: Floats) -> float:
    return float(10 * np.log10(np.mean(wave**2) + 1e-9))


def without(wave: Floats, frequency_hz: float, rate_hz: int) -> tuple[float, Floats]:
    """The peak of the best-fitting sine of that frequency, and what is left without it."""
    angle = 2 * np.pi * frequency_hz * np.arange(len(wave)) / rate_hz
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    fit = np.linalg.lstsq(basis, wave)[0]
    return float(np.hypot(*fit)), wave - basis @ fit


def run(sound: bytes, from_hz: int, to_hz: int, sizes_bytes: tuple[int, ...] = (0,)) -> bytes:
    """Through a resampler in frames of these sizes in turn (0: of 20 ms), and flushed."""
    resampler = Resampler(from_hz, to_hz)
    sizes = cycle(size or from_hz // 50 * 2 for size in sizes_bytes)
    out, at = b"", 0
    while at < len(sound):
        size = next(sizes)
        out += resampler.convert(sound[at : at + size])
        at += size
    return out + resampler.flush()


def test_a_tone_survives_the_way_to_the_engine_and_back() -> None:
    back = middle(run(run(tone(1000, 8000), 8000, 24000), 24000, 8000))
    peak, rest = without(back, 1000, 8000)

    assert peak == pytest.approx(10000, rel=0.01)
    assert level_db(back) - level_db(rest) > 70


@pytest.mark.parametrize(("from_hz", "to_hz"), PATHS)
@pytest.mark.parametrize("frequency_hz", [300, 1000, 3400])
def test_the_telephone_band_passes_as_it_is(from_hz: int, to_hz: int, frequency_hz: int) -> None:
    peak, rest = without(middle(run(tone(frequency_hz, from_hz), from_hz, to_hz)), frequency_hz, to_hz)

    assert peak == pytest.approx(10000, rel=0.01)
    assert level_db(rest) < 20 * np.log10(10000) - 70


@pytest.mark.parametrize(
    ("frequency_hz", "from_hz", "to_hz"),
    [
        (6000, 24000, 8000),
        (4300, 24000, 8000),
        (9000, 24000, 8000),
        (4300, 16000, 8000),
        (6000, 16000, 8000),
        (8600, 24000, 16000),
        (10000, 24000, 16000),
    ],
)
def test_a_tone_above_the_new_band_vanishes(frequency_hz: int, from_hz: int, to_hz: int) -> None:
    loud = tone(frequency_hz, from_hz)

    assert level_db(middle(run(loud, from_hz, to_hz))) < level_db(samples(loud)) - 70


@pytest.mark.parametrize(
    ("frequency_hz", "from_hz", "to_hz"), [(3000, 8000, 24000), (3400, 8000, 16000), (6800, 16000, 24000)]
)
def test_a_tone_gets_no_images_in_the_new_band(frequency_hz: int, from_hz: int, to_hz: int) -> None:
    wave = middle(run(tone(frequency_hz, from_hz), from_hz, to_hz))
    spectrum = np.abs(np.fft.rfft(wave * np.blackman(len(wave))))
    above = np.fft.rfftfreq(len(wave), 1 / to_hz) > from_hz / 2

    assert 20 * np.log10(spectrum[above].max() / spectrum.max()) < -70


@pytest.mark.parametrize(("from_hz", "to_hz"), PATHS)
@pytest.mark.parametrize("sizes_bytes", [(0,), (2,), (2, 14, 666, 4, 320), (3200,)])
def test_frames_of_any_size_give_what_one_large_frame_gives(
    from_hz: int, to_hz: int, sizes_bytes: tuple[int, ...]
) -> None:
    sound = noise(from_hz)
    at_once = samples(run(sound, from_hz, to_hz, (len(sound),)))
    framed = samples(run(sound, from_hz, to_hz, sizes_bytes))

    assert len(framed) == len(at_once)
    assert np.abs(framed - at_once).max() <= DITHER


@pytest.mark.parametrize(("from_hz", "to_hz"), PATHS)
@settings(max_examples=50, deadline=None)
@given(length=st.integers(0, 5000))
def test_flushed_sound_is_as_long_as_it_was_to_a_sample(from_hz: int, to_hz: int, length: int) -> None:
    out = run(bytes(2 * length), from_hz, to_hz)

    assert abs(len(out) / 2 - length * to_hz / from_hz) <= 1


@pytest.mark.parametrize(("from_hz", "to_hz"), PATHS)
def test_no_more_is_held_back_than_the_table_says(from_hz: int, to_hz: int) -> None:
    resampler = Resampler(from_hz, to_hz)
    given_ms, got_ms = 0.0, 0.0
    for _ in range(50):
        given_ms += 20
        got_ms += len(resampler.convert(bytes(from_hz // 50 * 2))) / 2 / to_hz * 1000
        assert 0 < given_ms - got_ms <= MAX_HELD_BACK_MS


@pytest.mark.parametrize(("from_hz", "to_hz"), PATHS)
def test_after_the_first_three_frames_every_frame_gives_a_whole_one(from_hz: int, to_hz: int) -> None:
    resampler = Resampler(from_hz, to_hz)
    sizes = [len(resampler.convert(bytes(from_hz // 50 * 2))) for _ in range(50)]

    assert set(sizes[3:]) == {to_hz // 50 * 2}


@pytest.mark.parametrize(("from_hz", "to_hz"), PATHS)
def test_what_comes_out_is_in_time_with_what_went_in(from_hz: int, to_hz: int) -> None:
    click = np.zeros(from_hz // 2, "<i2")
    click[from_hz // 4] = 20000
    out = samples(run(click.tobytes(), from_hz, to_hz))

    assert np.abs(out).argmax() / to_hz == pytest.approx(0.25, abs=0.0005)


@pytest.mark.parametrize("leave", [Resampler.reset, Resampler.flush])
def test_nothing_leaks_into_the_next_sound(leave: object) -> None:
    assert callable(leave)
    resampler = Resampler(24000, 8000)
    resampler.convert(tone(500, 24000, peak=30000))
    leave(resampler)
    quiet = resampler.convert(bytes(48000)) + resampler.flush()

    assert len(quiet) == 16000
    assert np.abs(samples(quiet)).max() <= DITHER


def test_a_flush_of_nothing_is_nothing() -> None:
    resampler = Resampler(8000, 24000)

    assert resampler.flush() == b""
    assert resampler.flush() == b""
    assert resampler.convert(b"") == b""


@pytest.mark.parametrize(("from_hz", "to_hz"), PATHS)
def test_the_loudest_sound_is_cut_and_does_not_wrap(from_hz: int, to_hz: int) -> None:
    half = from_hz // 200
    square = np.tile(np.repeat(np.array([32767, -32768], "<i2"), half), 50)
    out = samples(run(square.tobytes(), from_hz, to_hz))
    plateaus = out.reshape(100, to_hz // 200)[:, 5:-5]

    assert (plateaus[0::2] > 20000).all()
    assert (plateaus[1::2] < -20000).all()


@pytest.mark.parametrize(("from_hz", "to_hz"), [(8000, 8000), (8000, 44100), (11025, 8000), (0, 8000)])
def test_other_rates_are_a_clear_error(from_hz: int, to_hz: int) -> None:
    with pytest.raises(AudioError, match=f"cannot resample {from_hz} Hz to {to_hz} Hz: .*8000, 16000, 24000"):
        Resampler(from_hz, to_hz)


def test_half_a_sample_is_a_clear_error() -> None:
    with pytest.raises(AudioError, match="whole number of samples"):
        Resampler(8000, 24000).convert(bytes(3))
    with pytest.raises(AudioError, match="whole number of samples"):
        resample(bytes(3), 8000, 24000)


@pytest.mark.parametrize("from_hz", [11025, 44100, 48000])
def test_a_whole_sound_is_resampled_from_any_rate(from_hz: int) -> None:
    out = resample(tone(1000, from_hz), from_hz, 8000)
    peak, rest = without(middle(out), 1000, 8000)

    assert len(out) == 16000
    assert peak == pytest.approx(10000, rel=0.01)
    assert level_db(rest) < 20 * np.log10(10000) - 70


def test_a_whole_sound_at_its_own_rate_is_left_alone() -> None:
    sound = tone(1000, 8000)

    assert resample(sound, 8000, 8000) is sound
