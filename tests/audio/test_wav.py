import io
import math
import struct
import wave
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offhook.audio import wav
from offhook.audio.formats import PCM16_8K, PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat, Encoding
from offhook.audio.g711 import pcm16_to_pcma, pcm16_to_pcmu
from offhook.audio.meter import Meter
from offhook.audio.wav import compose_wav, parse_wav, read_wav, write_wav
from offhook.errors import AudioError

PCM, ALAW, MULAW = 1, 6, 7


def riff(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    padding = b"\0" * (len(content) % 2)
    return name + struct.pack("<I", len(content) if size is None else size) + content + padding


def form(tag: int = PCM, rate_hz: int = 8000, channels: int = 1, bits: int = 16) -> bytes:
    block = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * block, block, bits))


def linear(*samples: int) -> bytes:
    return struct.pack(f"<{len(samples)}h", *samples)


def sine(rate_hz: int, duration_ms: int = 200) -> bytes:
    count = rate_hz * duration_ms // 1000
    return linear(*(round(10000 * math.sin(2 * math.pi * 440 * t / rate_hz)) for t in range(count)))


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000, 44100, 48000])
def test_a_file_by_the_standard_library_is_read(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "prompt.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        file.writeframes(sine(rate_hz))

    assert read_wav(path) == (AudioFormat(Encoding.PCM16, rate_hz), sine(rate_hz))


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000, 44100, 48000])
@pytest.mark.parametrize("wanted", [PCM16_8K, PCM16_24K, PCMU_8K, PCMA_8K], ids=str)
def test_a_file_is_read_as_the_caller_wants_it(rate_hz: int, wanted: AudioFormat) -> None:
    own, sound = parse_wav(compose_wav(rate_hz, sine(rate_hz)), wanted)

    assert own == wanted
    assert wanted.duration_ms(len(sound)) == pytest.approx(200, abs=0.2)
    assert Meter(wanted.encoding).level_dbfs(sound) == pytest.approx(Meter().level_dbfs(sine(rate_hz)), abs=0.3)


def test_g711_files_are_read_as_they_are() -> None:
    codes = bytes(range(256))

    assert parse_wav(riff(form(MULAW, bits=8), chunk(b"data", codes))) == (PCMU_8K, codes)
    assert parse_wav(riff(form(ALAW, bits=8), chunk(b"data", codes))) == (PCMA_8K, codes)
    assert parse_wav(riff(form(MULAW, bits=8), chunk(b"data", codes)), PCMU_8K) == (PCMU_8K, codes)


def test_a_mulaw_file_is_decoded_for_who_wants_linear() -> None:
    data = riff(form(MULAW, bits=8), chunk(b"data", b"\xff\x80\x00"))

    assert parse_wav(data, PCM16_8K) == (PCM16_8K, linear(0, 32124, -32124))


def test_two_channels_become_their_mean() -> None:
    data = riff(form(channels=2), chunk(b"data", linear(1000, 3000, -500, 500)))

    assert parse_wav(data) == (PCM16_8K, linear(2000, 0))


def test_two_channels_of_g711_become_their_mean() -> None:
    tone = sine(8000)
    both = bytes(code for code in pcm16_to_pcmu(tone) for _ in range(2))

    assert parse_wav(riff(form(MULAW, channels=2, bits=8), chunk(b"data", both))) == (PCMU_8K, pcm16_to_pcmu(tone))


def test_other_chunks_are_passed_over() -> None:
    title = chunk(b"LIST", b"odd")
    data = riff(title, form(ALAW, bits=8), chunk(b"fact", bytes(4)), chunk(b"data", b"\xd5" * 5), title)

    assert parse_wav(data) == (PCMA_8K, b"\xd5" * 5)


def test_the_extensible_form_of_the_header_is_read() -> None:
    guid = struct.pack("<H", PCM) + bytes.fromhex("0000 0000 1000 8000 00aa 0038 9b71")
    extended = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 16000, 32000, 2, 16, 22, 16, 4) + guid
    data = riff(chunk(b"fmt ", extended), chunk(b"data", linear(1, 2)))

    assert parse_wav(data) == (AudioFormat(Encoding.PCM16, 16000), linear(1, 2))


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF - 36])
def test_a_file_written_into_a_pipe_is_read_to_its_end(size: int) -> None:
    assert parse_wav(riff(form(), chunk(b"data", linear(1, 2), size))) == (PCM16_8K, linear(1, 2))


def test_half_a_block_at_the_end_is_dropped() -> None:
    assert parse_wav(riff(form(), chunk(b"data", linear(1, 2) + b"\3"))) == (PCM16_8K, linear(1, 2))
    assert parse_wav(riff(form(channels=2), chunk(b"data", linear(1, 3, 5)))) == (PCM16_8K, linear(2))


def test_a_file_without_samples_is_empty_sound() -> None:
    assert parse_wav(riff(form(), chunk(b"data", b"")), PCMU_8K) == (PCMU_8K, b"")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a WAV file"),
        (b"ID3\4" + bytes(100), "not a WAV file"),
        (b"RIFF\x04\0\0\0AVI ", "not a WAV file"),
        (riff(), "no fmt chunk"),
        (riff(form()), "no data chunk"),
        (riff(chunk(b"data", b"\0\0"), form()), "no fmt chunk"),
        (riff(chunk(b"fmt ", b"\1\0"), chunk(b"data", b"")), "fmt chunk has 2 bytes"),
        (riff(form(), chunk(b"data", bytes(10), 16000)), "cut off: chunk b'data' should have 16000 bytes and has 10"),
        (riff(chunk(b"LIST", bytes(10), 0xFFFFFFFF), form()), "cut off: chunk b'LIST'"),
        (riff(form(bits=24), chunk(b"data", bytes(6))), "format 1 with 24 bits is not read"),
        (riff(form(tag=3, bits=32), chunk(b"data", bytes(8))), "format 3 with 32 bits is not read"),
        (riff(form(tag=0xFFFE), chunk(b"data", bytes(8))), "format 65534 with 16 bits is not read"),
        (riff(form(channels=0), chunk(b"data", bytes(8))), "0 channels"),
        (riff(form(channels=6), chunk(b"data", bytes(12))), "6 channels"),
        (riff(form(rate_hz=0), chunk(b"data", bytes(8))), "0 Hz; 8000 to 48000 are read"),
        (riff(form(rate_hz=192000), chunk(b"data", bytes(8))), "192000 Hz; 8000 to 48000 are read"),
        (riff(form(MULAW, 16000, bits=8), chunk(b"data", bytes(8))), "pcmu is 8000 Hz by definition"),
    ],
)
def test_rubbish_is_a_clear_error(data: bytes, reason: str) -> None:
    with pytest.raises(AudioError) as caught:
        parse_wav(data)

    assert reason in caught.value.reason


def test_an_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(b"ID3")

    with pytest.raises(AudioError, match=r"song\.mp3: not a WAV file") as caught:
        read_wav(path)
    assert caught.value.source == str(path)


def test_a_missing_file_is_the_usual_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_wav(tmp_path / "nothing.wav")


def test_a_file_over_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wav, "MAX_READ_BYTES", 100)
    write_wav(tmp_path / "short.wav", 8000, bytes(56))
    write_wav(tmp_path / "long.wav", 8000, bytes(58))

    assert read_wav(tmp_path / "short.wav") == (PCM16_8K, bytes(56))
    with pytest.raises(AudioError, match=r"long\.wav: larger than 100 bytes"):
        read_wav(tmp_path / "long.wav")


def test_a_file_over_the_limit_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wav, "MAX_WRITTEN_BYTES", 100)

    assert len(compose_wav(8000, bytes(56))) == 100
    with pytest.raises(AudioError, match="larger than 100 bytes"):
        compose_wav(8000, bytes(58))


HEADER = riff(form(), chunk(b"data", linear(1, 2, 3, 4)))


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=80).map(lambda tail: HEADER[:20] + tail)))
@example(HEADER)
def test_whatever_the_bytes_it_is_sound_or_a_clear_error(data: bytes) -> None:
    try:
        own, sound = parse_wav(data)
    except AudioError:
        return
    assert len(sound) % own.bytes_per_sample == 0


@given(at=st.integers(0, len(HEADER) - 1), byte=st.integers(0, 255), length=st.integers(0, len(HEADER)))
def test_a_damaged_file_is_sound_or_a_clear_error(at: int, byte: int, length: int) -> None:
    damaged = bytearray(HEADER)
    damaged[at] = byte
    try:
        own, sound = parse_wav(bytes(damaged[:length]), PCMU_8K)
    except AudioError:
        return
    assert own == PCMU_8K
    assert len(sound) <= len(HEADER)


def test_the_standard_library_reads_one_channel_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    write_wav(path, 24000, linear(1, -2, 3))

    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24000)
        assert file.readframes(10) == linear(1, -2, 3)


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        (linear(1, 2), linear(-1, -2), linear(1, -1, 2, -2)),
        (linear(32767, 2, 3), linear(-32768), linear(32767, -32768, 2, 0, 3, 0)),
        (b"", linear(7, 8), linear(0, 7, 0, 8)),
        (b"", b"", b""),
    ],
)
def test_the_standard_library_reads_two_channels_of_ours(left: bytes, right: bytes, both: bytes) -> None:
    with wave.open(io.BytesIO(compose_wav(8000, left, right)), "rb") as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        assert file.readframes(10) == both


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", 16000, sine(16000))

    assert read_wav(tmp_path / "a.wav") == (AudioFormat(Encoding.PCM16, 16000), sine(16000))


def test_half_a_sample_is_not_written() -> None:
    with pytest.raises(AudioError, match="whole number of samples"):
        compose_wav(8000, b"\0\0\0")
    with pytest.raises(AudioError, match="whole number of samples"):
        compose_wav(8000, b"\0\0", b"\0")


def test_an_alaw_file_becomes_mulaw_for_a_line_that_speaks_that() -> None:
    data = riff(form(ALAW, bits=8), chunk(b"data", pcm16_to_pcma(sine(8000))))
    own, sound = parse_wav(data, PCMU_8K)

    assert own == PCMU_8K
    assert Meter(Encoding.PCMU).level_dbfs(sound) == pytest.approx(Meter().level_dbfs(sine(8000)), abs=0.1)
