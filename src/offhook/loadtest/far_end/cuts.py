"""Replies cut to deltas: converted and cut once, then shared by all sessions that say them."""

import re
from binascii import b2a_base64
from dataclasses import dataclass
from math import ceil

from offhook.audio.chain import join
from offhook.audio.formats import PCMU_8K, AudioFormat
from offhook.loadtest.far_end.script import Reply

MAX_REPLIES = 256
"""Kept at a time; above that all are cut anew."""

_WORD = re.compile(r"\S+\s*|^\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """What one delta carries: sound in the session's format, and the words beside it."""

    audio: bytes
    words: str
    duration_ms: float
    payload: bytes
    """The sound in base64."""


class Cuts:
    """Cuts replies into pieces of ``delta_ms``; the last is what remains."""

    def __init__(self) -> None:
        self._known: dict[tuple[Reply, AudioFormat, int], tuple[Piece, ...]] = {}

    def pieces(self, reply: Reply, form: AudioFormat, delta_ms: int) -> tuple[Piece, ...]:
        """The reply's speech in that format; empty if it has none."""
        key = (reply, form, delta_ms)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MAX_REPLIES:
                self._known.clear()
            known = self._known[key] = _cut(reply, form, delta_ms)
        return known


def _cut(reply: Reply, form: AudioFormat, delta_ms: int) -> tuple[Piece, ...]:
    chain = join(PCMU_8K, form)
    sound = chain.convert(reply.sound) + chain.flush()
    step = form.size_bytes(delta_ms)
    cuts = [sound[at : at + step] for at in range(0, len(sound), step)]
    words = _WORD.findall(reply.text)
    shares = [ceil(i * len(words) / max(1, len(cuts))) for i in range(len(cuts) + 1)]
    return tuple(
        Piece(
            cut,
            "".join(words[shares[i] : shares[i + 1]]),
            form.duration_ms(len(cut)),
            b2a_base64(cut, newline=False),
        )
        for i, cut in enumerate(cuts)
    )
