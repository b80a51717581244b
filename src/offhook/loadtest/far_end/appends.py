"""The frequent message of a client, read the short way: sound, written as most clients write it."""

import binascii
from typing import Final

_HEAD: Final = b'{"type":"input_audio_buffer.append","audio":"'
_TAIL: Final = b'"}'


def sound_of(message: bytes) -> bytes | None:
    """The sound in an ``input_audio_buffer.append``; None if it is another message, or needs the full parser."""
    if not message.startswith(_HEAD) or not message.endswith(_TAIL):
        return None
    try:
        # Strict, so that a further field, whose quotes are no base64, does not pass for sound.
        return binascii.a2b_base64(message[len(_HEAD) : -len(_TAIL)], strict_mode=True)
    except binascii.Error:
        return None
