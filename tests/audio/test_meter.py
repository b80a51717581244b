import math
import struct

import pytest

from offhook.audio.formats import PCM16_8K, PCMA_8K, PCMU_8K, Encoding
from offhook.audio.g711 import pcm16_to_pcma, pcm16_to_pcmu
from offhook.audio.meter import FLOOR_DBFS, Meter
from offhook.errors import AudioError

# The digital milliwatt: 1 kHz at 0 dBm0, eight codes over and over (ITU-T G.711, tables 5 and 6).
PCMA_MILLIWATT = bytes.fromhex("34 21 21 34 b4 a1 a1 b4") * 20
PCMU_MILLIWATT = bytes.fromhex("1e 0b 0b 1e 9e 8b 8b 9e") * 20


def sine(peak: int, samples: int = 160) -> bytes:
    wave = (round(peak * math.sin(2 * math.pi * 500 * t / 8000)) for t in range(samples))
    return struct.pack(f"<{samples}h", *wave)


def test_a_full_square_wave_is_at_zero() -> None:
    assert Meter().level_dbfs(struct.pack("<h", -32768) * 160) == 0.0


def test_a_full_sine_is_three_decibels_below() -> None:
    assert Meter().level_dbfs(sine(32767)) == pytest.approx(-3.01, abs=0.01)


def test_a_tenth_of_the_amplitude_is_twenty_decibels_less() -> None:
    assert Meter().level_dbfs(sine(30000)) - Meter().level_dbfs(sine(3000)) == pytest.approx(20, abs=0.05)


def test_the_digital_milliwatt_lies_below_overload_as_the_standard_says() -> None:
    assert Meter(Encoding.PCMU).level_dbfs(PCMU_MILLIWATT) == pytest.approx(-3.01 - 3.17, abs=0.05)
    assert Meter(Encoding.PCMA).level_dbfs(PCMA_MILLIWATT) == pytest.approx(-3.01 - 3.14, abs=0.05)


def test_one_sound_has_one_level_in_every_encoding() -> None:
    sound = sine(8000)
    level_dbfs = Meter().level_dbfs(sound)

    assert Meter(Encoding.PCMU).level_dbfs(pcm16_to_pcmu(sound)) == pytest.approx(level_dbfs, abs=0.2)
    assert Meter(Encoding.PCMA).level_dbfs(pcm16_to_pcma(sound)) == pytest.approx(level_dbfs, abs=0.2)


def test_silence_is_at_the_floor() -> None:
    assert Meter().level_dbfs(PCM16_8K.silence(20)) == FLOOR_DBFS
    assert Meter(Encoding.PCMU).level_dbfs(PCMU_8K.silence(20)) == FLOOR_DBFS
    assert Meter().level_dbfs(b"") == FLOOR_DBFS


def test_silence_in_alaw_is_as_near_the_floor_as_alaw_can_say() -> None:
    assert Meter(Encoding.PCMA).level_dbfs(PCMA_8K.silence(20)) == pytest.approx(-72.2, abs=0.1)


def test_no_sound_is_below_the_floor() -> None:
    assert Meter().level_dbfs(struct.pack("<h", 1) * 160) >= FLOOR_DBFS


def test_half_a_sample_is_a_clear_error() -> None:
    with pytest.raises(AudioError, match="whole number of samples"):
        Meter().level_dbfs(b"\0\0\0")
