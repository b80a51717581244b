import math
import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.audio.chain import join
from offhook.audio.formats import PCM16_8K, PCM16_16K, PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat, Encoding
from offhook.audio.g711 import pcm16_to_pcma, pcm16_to_pcmu, pcma_to_pcm16, pcmu_to_pcm16
from offhook.audio.meter import Meter
from offhook.errors import AudioError

FORMATS = [PCMU_8K, PCMA_8K, PCM16_8K, PCM16_16K, PCM16_24K]


def sine(form: AudioFormat, duration_ms: int = 500, peak: int = 12000) -> bytes:
    count = form.rate_hz * duration_ms // 1000
    wave = (round(peak * math.sin(2 * math.pi * 440 * t / form.rate_hz)) for t in range(count))
    linear = struct.pack(f"<{count}h", *wave)
    return {Encoding.PCMU: pcm16_to_pcmu, Encoding.PCMA: pcm16_to_pcma}.get(form.encoding, bytes)(linear)


@pytest.mark.parametrize(
    ("source", "sink", "path"),
    [
        (PCMU_8K, PCMU_8K, "pcmu/8000"),
        (PCM16_24K, PCM16_24K, "pcm16/24000"),
        (PCMU_8K, PCM16_24K, "pcmu/8000 → decode → resample → pcm16/24000"),
        (PCM16_24K, PCMU_8K, "pcm16/24000 → resample → encode → pcmu/8000"),
        (PCMU_8K, PCMA_8K, "pcmu/8000 → decode → encode → pcma/8000"),
        (PCMA_8K, PCM16_8K, "pcma/8000 → decode → pcm16/8000"),
        (PCM16_8K, PCMA_8K, "pcm16/8000 → encode → pcma/8000"),
        (PCM16_16K, PCM16_24K, "pcm16/16000 → resample → pcm16/24000"),
    ],
)
def test_a_chain_prints_its_path(source: AudioFormat, sink: AudioFormat, path: str) -> None:
    assert str(join(source, sink)) == path


@pytest.mark.parametrize("source", FORMATS, ids=str)
@pytest.mark.parametrize("sink", FORMATS, ids=str)
def test_any_two_formats_meet(source: AudioFormat, sink: AudioFormat) -> None:
    sound = sine(source)
    chain = join(source, sink)
    size = source.size_bytes(20)
    out = b"".join(chain.convert(sound[at : at + size]) for at in range(0, len(sound), size)) + chain.flush()

    assert sink.duration_ms(len(out)) == pytest.approx(500, abs=0.2)
    level_dbfs = Meter(source.encoding).level_dbfs(sound)
    assert Meter(sink.encoding).level_dbfs(out) == pytest.approx(level_dbfs, abs=0.3)


@pytest.mark.parametrize("form", FORMATS, ids=str)
def test_a_passthrough_returns_the_very_same_object(form: AudioFormat) -> None:
    chain = join(form, form)
    frames = [bytes(160), bytes(33), b""]

    assert chain.is_passthrough
    for frame in frames:
        assert chain.convert(frame) is frame
    assert chain.flush() == b""


def test_only_equal_formats_are_a_passthrough() -> None:
    assert not join(PCMU_8K, PCMA_8K).is_passthrough
    assert not join(PCM16_8K, PCM16_16K).is_passthrough


def test_pcmu_becomes_the_nearest_pcma_code() -> None:
    codes = bytes(range(256))

    assert join(PCMU_8K, PCMA_8K).convert(codes) == pcm16_to_pcma(pcmu_to_pcm16(codes))
    assert join(PCMA_8K, PCMU_8K).convert(codes) == pcm16_to_pcmu(pcma_to_pcm16(codes))


@given(cuts=st.lists(st.integers(0, 960), max_size=12))
def test_it_does_not_matter_where_linear_sound_is_cut(cuts: list[int]) -> None:
    sound = sine(PCM16_8K, duration_ms=60)
    chain = join(PCM16_8K, PCMU_8K)
    frames = [sound[a:b] for a, b in pairwise([0, *sorted(cuts), len(sound)])]

    assert b"".join(map(chain.convert, frames)) == pcm16_to_pcmu(sound)


def test_a_sample_cut_in_half_is_whole_again_behind_the_resampler() -> None:
    sound = sine(PCM16_24K)
    cut, whole = join(PCM16_24K, PCM16_8K), join(PCM16_24K, PCM16_8K)
    from_cut = cut.convert(sound[:1]) + cut.convert(sound[1:1000]) + cut.convert(sound[1000:1001])
    from_cut += cut.convert(sound[1001:]) + cut.flush()
    from_whole = whole.convert(sound) + whole.flush()

    assert len(from_cut) == len(from_whole)
    for a, b in zip(struct.iter_unpack("<h", from_cut), struct.iter_unpack("<h", from_whole), strict=True):
        assert abs(a[0] - b[0]) <= 2  # the dither


@pytest.mark.parametrize("leave", ["reset", "flush"])
def test_half_a_sample_does_not_leak_into_the_next_reply(leave: str) -> None:
    chain = join(PCM16_8K, PCMU_8K)
    chain.convert(b"\x10\x20\x30")
    getattr(chain, leave)()

    assert chain.convert(struct.pack("<2h", 0, 32767)) == b"\xff\x80"


def test_the_tail_of_a_cut_reply_does_not_leak_into_the_next_one() -> None:
    chain = join(PCM16_24K, PCMU_8K)
    chain.convert(sine(PCM16_24K, peak=30000))
    chain.reset()
    out = chain.convert(PCM16_24K.silence(100)) + chain.flush()

    assert PCMU_8K.duration_ms(len(out)) == 100
    assert Meter(Encoding.PCMU).level_dbfs(out) < -75


def test_a_reset_passthrough_is_still_a_passthrough() -> None:
    chain = join(PCMU_8K, PCMU_8K)
    chain.reset()

    assert chain.convert(b"abc") == b"abc"


def test_a_rate_that_cannot_be_reached_is_a_clear_error_when_joining() -> None:
    with pytest.raises(AudioError, match="cannot resample 8000 Hz to 44100 Hz"):
        join(PCMU_8K, AudioFormat(Encoding.PCM16, 44100))
