import pytest

from offhook.audio.formats import PCM16_8K, PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat, Encoding
from offhook.audio.g711 import pcma_to_pcm16, pcmu_to_pcm16


def test_a_format_prints_as_encoding_and_rate() -> None:
    assert str(PCMU_8K) == "pcmu/8000"
    assert str(PCM16_24K) == "pcm16/24000"


def test_formats_are_values() -> None:
    assert AudioFormat(Encoding.PCM16, 24000) == PCM16_24K
    assert len({PCMU_8K, AudioFormat(Encoding.PCMU, 8000)}) == 1


@pytest.mark.parametrize("encoding", [Encoding.PCMU, Encoding.PCMA])
def test_g711_at_another_rate_is_refused(encoding: Encoding) -> None:
    with pytest.raises(ValueError, match="8000 Hz by definition"):
        AudioFormat(encoding, 16000)


@pytest.mark.parametrize(("form", "size_bytes"), [(PCMU_8K, 160), (PCMA_8K, 160), (PCM16_8K, 320), (PCM16_24K, 960)])
def test_twenty_milliseconds_have_the_known_size(form: AudioFormat, size_bytes: int) -> None:
    assert form.size_bytes(20) == size_bytes
    assert form.duration_ms(size_bytes) == 20


def test_a_second_is_rate_times_sample_size() -> None:
    assert PCMU_8K.bytes_per_second == 8000
    assert PCM16_24K.bytes_per_second == 48000


def test_size_is_rounded_down_to_whole_samples() -> None:
    assert AudioFormat(Encoding.PCM16, 11025).size_bytes(1) == 22
    assert PCMU_8K.size_bytes(0.1) == 0


@pytest.mark.parametrize("form", [PCMU_8K, PCMA_8K, PCM16_24K])
def test_silence_lasts_as_long_as_asked(form: AudioFormat) -> None:
    assert form.duration_ms(len(form.silence(60))) == 60


def test_silence_is_the_quietest_code() -> None:
    assert pcmu_to_pcm16(PCMU_8K.silence(1)) == PCM16_8K.silence(1)
    assert pcma_to_pcm16(PCMA_8K.silence(1)) == (8).to_bytes(2, "little") * 8  # A-law has no zero
