"""The ``response_format`` of OpenAI's ``POST /v1/audio/speech``: what a voice's sound is sent as. Pure.

OpenAI's own are mp3, opus, aac, flac, wav and pcm (16 bits, 24 kHz); see the reference of its audio API. Here are wav
and pcm, and pcmu for telephones. Nothing on this machine compresses: a client that asks for the others is told so,
one that asks for none is given wav.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from offhook.audio.formats import AudioFormat, Encoding
from offhook.audio.g711 import ENCODERS
from offhook.audio.wav import compose_wav
from offhook.errors import VoiceError

DEFAULT_FORMAT: Final = "wav"
COMPRESSED: Final = ("mp3", "opus", "aac", "flac")

_UNKNOWN_SIZE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class SpeechEncoding:
    """One response format. Give a voice ``format.rate_hz``, then send ``head()`` and each ``encode(piece)``."""

    name: str
    content_type: str
    format: AudioFormat
    is_wav: bool = False

    def head(self) -> bytes:
        """What goes before the first piece of a stream whose length is not known; its sizes say so (0xFFFFFFFF)."""
        if not self.is_wav:
            return b""
        empty = compose_wav(self.format.rate_hz, b"")
        return empty[:4] + struct.pack("<I", _UNKNOWN_SIZE) + empty[8:-4] + struct.pack("<I", _UNKNOWN_SIZE)

    def encode(self, piece: bytes) -> bytes:
        """Return a piece of PCM16 as it is sent. AudioError if a sample is cut in half."""
        encode = ENCODERS.get(self.format.encoding)
        return encode(piece) if encode else piece

    def whole(self, sound: bytes) -> bytes:
        """Return all of it as one body, with its true length. AudioError if a sample is cut in half."""
        return compose_wav(self.format.rate_hz, sound) if self.is_wav else self.encode(sound)


SPEECH_ENCODINGS: Final[Mapping[str, SpeechEncoding]] = MappingProxyType(
    {
        encoding.name: encoding
        for encoding in (
            SpeechEncoding("wav", "audio/wav", AudioFormat(Encoding.PCM16, 24000), is_wav=True),
            SpeechEncoding("pcm", "audio/pcm", AudioFormat(Encoding.PCM16, 24000)),
            # RFC 2046, section 4.3: audio/basic is one channel of µ-law at 8 kHz.
            SpeechEncoding("pcmu", "audio/basic", AudioFormat(Encoding.PCMU, 8000)),
        )
    }
)


def speech_encoding(response_format: str | None) -> SpeechEncoding:
    """Return what a request asks for. VoiceError (``response_format``) if it cannot be had."""
    asked = response_format or DEFAULT_FORMAT
    if (encoding := SPEECH_ENCODINGS.get(asked)) is not None:
        return encoding
    reason = f"{asked} is not made here" if asked in COMPRESSED else f"{asked!r:.40} is not known"
    raise VoiceError(f"{reason}; give {', '.join(SPEECH_ENCODINGS)}", field="response_format")
