"""WAV files: prompts and test callers in, recordings out.

``parse_wav`` and ``compose_wav`` take and give bytes, ``read_wav`` and ``write_wav`` are files around them. The
layout (Microsoft and IBM, *Multimedia Programming Interface and Data Specifications 1.0*, 1991; little-endian)::

    RIFF <size> WAVE
        fmt  <size>  tag:2 channels:2 rate:4 bytes_per_second:4 bytes_per_block:2 bits:2 ...
        data <size>  blocks; a block is one sample of each channel
        (other chunks, in any place; each is padded to an even size)

Ours, because ``wave`` of the standard library reads no G.711.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from offhook.audio.formats import AudioFormat, Encoding
from offhook.audio.g711 import DECODERS, ENCODERS, audioop, require_whole_samples
from offhook.audio.resample import resample
from offhook.errors import AudioError

MAX_READ_BYTES = 64 * 1024 * 1024
"""Of a file that is read, header and all: an hour of one channel of PCM16 at 8 kHz, 6 minutes of a CD."""

MAX_WRITTEN_BYTES = 2**32 - 1
"""Of a file that is written: its sizes are 32-bit numbers. About 12 hours of two channels of PCM16 at 24 kHz."""

MIN_RATE_HZ = 8000
MAX_RATE_HZ = 48000

_PCM, _ALAW, _MULAW, _EXTENSIBLE = 1, 6, 7, 0xFFFE
_ENCODINGS = {(_PCM, 16): Encoding.PCM16, (_ALAW, 8): Encoding.PCMA, (_MULAW, 8): Encoding.PCMU}
_STREAMED_FROM = 0x7FFF0000
"""A program that writes into a pipe cannot know the size; ffmpeg says 0xFFFFFFFF, SoX a little below 0x7FFFFFFF."""


def read_wav(path: str | Path, wanted: AudioFormat | None = None) -> tuple[AudioFormat, bytes]:
    """Read a file; see ``parse_wav``. OSError if it cannot be opened; an AudioError carries the path as its source."""
    with open(path, "rb") as file:
        data = file.read(MAX_READ_BYTES + 1)
    try:
        return parse_wav(data, wanted)
    except AudioError as error:
        raise AudioError(error.reason, source=str(path)) from None


def parse_wav(data: bytes, wanted: AudioFormat | None = None) -> tuple[AudioFormat, bytes]:
    """Return what a WAV file holds as one channel: its format, and the sound.

    PCM16, µ-law and A-law are read, one or two channels (two are averaged), 8 to 48 kHz. With ``wanted`` it is
    converted to that format, rate and all; without, it comes in its own. Half a block at the end is dropped.

    AudioError if it is no WAV file, is cut off, holds something else, or is larger than MAX_READ_BYTES.
    """
    if len(data) > MAX_READ_BYTES:
        raise AudioError(f"larger than {MAX_READ_BYTES} bytes")
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise AudioError("not a WAV file: it does not begin with RIFF … WAVE")
    chunks = dict(_chunks(data))
    if b"fmt " not in chunks or b"data" not in chunks:
        raise AudioError("not a whole WAV file: it has no " + ("data" if b"fmt " in chunks else "fmt") + " chunk")
    channels, own = _format(chunks[b"fmt "])
    sound = chunks[b"data"]
    sound = sound[: len(sound) - len(sound) % (channels * own.bytes_per_sample)]
    if channels == 2:
        sound = _mixed(own.encoding, sound)
    if wanted is None or wanted == own:
        return own, sound
    return wanted, _encoded(wanted.encoding, resample(_linear(own.encoding, sound), own.rate_hz, wanted.rate_hz))


def write_wav(path: str | Path, rate_hz: int, left: bytes, right: bytes | None = None) -> None:
    """Write a file; see ``compose_wav``. OSError if it cannot be written."""
    Path(path).write_bytes(compose_wav(rate_hz, left, right))


def compose_wav(rate_hz: int, left: bytes, right: bytes | None = None) -> bytes:
    """Return a WAV file of PCM16: one channel, or two if ``right`` is given; the shorter one ends in silence.

    AudioError if a channel ends in the middle of a sample, or the file would be larger than MAX_WRITTEN_BYTES.
    """
    channels = 1 if right is None else 2
    require_whole_samples(left)
    if right is not None:
        require_whole_samples(right)
        size = max(len(left), len(right))
        left = audioop.tostereo(left.ljust(size, b"\0"), 2, 1, 0)
        right = audioop.tostereo(right.ljust(size, b"\0"), 2, 0, 1)
        left = audioop.add(left, right, 2)
    if len(left) + 44 > MAX_WRITTEN_BYTES:
        raise AudioError(f"larger than {MAX_WRITTEN_BYTES} bytes, the most that a WAV file holds")
    form = struct.pack("<HHIIHH", _PCM, channels, rate_hz, rate_hz * 2 * channels, 2 * channels, 16)
    body = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"data", left)
    return _chunk(b"RIFF", body)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk's name and content, up to and with the sound: what follows that is titles and the like."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        content = data[at + 8 : at + 8 + size]
        if len(content) < size and not (name == b"data" and size >= _STREAMED_FROM):
            raise AudioError(f"cut off: chunk {name!r} should have {size} bytes and has {len(content)}")
        yield name, content
        if name == b"data":
            return
        at += 8 + size + size % 2


def _format(form: bytes) -> tuple[int, AudioFormat]:
    """Channels, and what each one is."""
    if len(form) < 16:
        raise AudioError(f"the fmt chunk has {len(form)} bytes; 16 are the least")
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", form)
    if tag == _EXTENSIBLE and len(form) >= 26:
        tag = struct.unpack_from("<H", form, 24)[0]  # the first two bytes of the GUID are the tag it stands for
    encoding = _ENCODINGS.get((tag, bits))
    if encoding is None:
        raise AudioError(f"format {tag} with {bits} bits is not read; PCM with 16 bits, µ-law and A-law are")
    if channels not in (1, 2):
        raise AudioError(f"{channels} channels; 1 or 2 are read")
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise AudioError(f"{rate_hz} Hz; {MIN_RATE_HZ} to {MAX_RATE_HZ} are read")
    try:
        return channels, AudioFormat(encoding, rate_hz)
    except ValueError as error:
        raise AudioError(str(error)) from None


def _mixed(encoding: Encoding, sound: bytes) -> bytes:
    return _encoded(encoding, audioop.tomono(_linear(encoding, sound), 2, 0.5, 0.5))


def _linear(encoding: Encoding, sound: bytes) -> bytes:
    decode = DECODERS.get(encoding)
    return decode(sound) if decode else sound


def _encoded(encoding: Encoding, linear: bytes) -> bytes:
    encode = ENCODERS.get(encoding)
    return encode(linear) if encode else linear
