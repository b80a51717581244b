import struct
import subprocess
import sys

import pytest

from offhook.audio.g711 import pcm16_to_pcma, pcm16_to_pcmu, pcma_to_pcm16, pcmu_to_pcm16
from offhook.errors import AudioError

ALL_CODES = bytes(range(256))


def linear(*samples: int) -> bytes:
    return struct.pack(f"<{len(samples)}h", *samples)


def pcmu_by_the_book(code: int) -> int:
    """G.711 table 2: sign, segment, interval, as a formula; moved up 2 bits to fill 16."""
    code ^= 0xFF
    magnitude = ((2 * (code & 15) + 33) << (code >> 4 & 7)) - 33
    return (-magnitude if code & 0x80 else magnitude) << 2


def pcma_by_the_book(code: int) -> int:
    """G.711 table 1 likewise; even bits are inverted, and it is moved up 3 bits."""
    code ^= 0x55
    segment, interval = code >> 4 & 7, code & 15
    magnitude = 2 * interval + 1 if segment == 0 else (2 * interval + 33) << (segment - 1)
    return (magnitude if code & 0x80 else -magnitude) << 3


def test_every_pcmu_code_decodes_to_the_value_in_the_standard() -> None:
    assert pcmu_to_pcm16(ALL_CODES) == linear(*map(pcmu_by_the_book, ALL_CODES))


def test_every_pcma_code_decodes_to_the_value_in_the_standard() -> None:
    assert pcma_to_pcm16(ALL_CODES) == linear(*map(pcma_by_the_book, ALL_CODES))


def test_every_pcmu_code_comes_back_but_negative_zero() -> None:
    assert pcm16_to_pcmu(pcmu_to_pcm16(ALL_CODES)) == ALL_CODES.replace(b"\x7f", b"\xff")


def test_every_pcma_code_comes_back() -> None:
    assert pcm16_to_pcma(pcma_to_pcm16(ALL_CODES)) == ALL_CODES


def test_known_samples_become_known_codes() -> None:
    samples = linear(0, 32767, -32768, 32124, -32124, 8, 1000)

    assert pcm16_to_pcmu(samples) == bytes.fromhex("ff 80 00 80 00 fe ce")
    assert pcm16_to_pcma(samples) == bytes.fromhex("d5 aa 2a aa 2a d5 fa")


def test_a_code_is_off_by_at_most_half_a_step() -> None:
    """A step is a sixteenth of its segment; and the last two bits of 16 are cut, not rounded."""
    samples = range(-32124, 32124, 7)
    decoded = struct.unpack(f"<{len(samples)}h", pcmu_to_pcm16(pcm16_to_pcmu(linear(*samples))))

    for sample, code in zip(samples, decoded, strict=True):
        assert abs(sample - code) <= (abs(sample) + 132) / 32 + 3


@pytest.mark.parametrize("encode", [pcm16_to_pcmu, pcm16_to_pcma])
def test_half_a_sample_is_a_clear_error(encode: object) -> None:
    assert callable(encode)
    with pytest.raises(AudioError, match="321 bytes of pcm16 are no whole number of samples"):
        encode(bytes(321))


def test_an_empty_frame_stays_empty() -> None:
    assert pcmu_to_pcm16(b"") == pcm16_to_pcmu(b"") == pcma_to_pcm16(b"") == pcm16_to_pcma(b"") == b""


def test_importing_it_warns_nobody() -> None:
    program = "import offhook.audio.chain, offhook.audio.meter, offhook.audio.wav"
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
