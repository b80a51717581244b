"""Codec and resampler, on one frame of 20 ms."""

import random
from typing import Any

import pytest

from offhook.audio.chain import join
from offhook.audio.formats import PCM16_8K, PCM16_24K, PCMU_8K, AudioFormat
from offhook.audio.g711 import pcm16_to_pcmu, pcmu_to_pcm16

NOISE = random.Random(7).randbytes(8000)


def frame_of(audio: AudioFormat) -> bytes:
    size = audio.size_bytes(20)
    return NOISE[:size]


def test_encode_pcmu(benchmark: Any) -> None:
    assert len(benchmark(pcm16_to_pcmu, frame_of(PCM16_8K))) == 160


def test_decode_pcmu(benchmark: Any) -> None:
    assert len(benchmark(pcmu_to_pcm16, frame_of(PCMU_8K))) == 320


@pytest.mark.parametrize(
    ("source", "sink"), [(PCMU_8K, PCM16_24K), (PCM16_24K, PCMU_8K), (PCMU_8K, PCMU_8K)], ids=lambda audio: str(audio)
)
def test_convert(benchmark: Any, source: AudioFormat, sink: AudioFormat) -> None:
    chain, frame = join(source, sink), frame_of(source)
    for _ in range(10):
        chain.convert(frame)  # the resampler holds the first ones back
    assert len(benchmark(chain.convert, frame)) == sink.size_bytes(20)
