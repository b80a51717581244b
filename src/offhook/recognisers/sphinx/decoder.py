"""One decoder of pocketsphinx: an utterance at a time, in one vocabulary at a time.

Settings that are not the library's own (measured on telephone speech; the figures are those of
``benchmarks/recognition.py``):

* ``fwdflat`` off: the second pass over the utterance would take 50 ms after the caller has stopped, and finds little.
* ``lw`` 9: the examples are trusted more than dictation would trust its newspapers.
* ``mllr``: the model's means are moved to where telephone speech is (``make_channel.py``).
* The cepstral mean starts each utterance at that of the telephone, so nothing leaks from one caller to the next.

A decoder takes about 8 MB, and 40 ms to make; 3 to 25 ms to be given another vocabulary, but nothing to be given one of
the last few again that have the same words. It may be used from any
thread, by one at a time; all that takes long lets go of the interpreter's lock.
"""

from collections.abc import Mapping
from ctypes import CDLL, byref, c_int, c_int32
from dataclasses import dataclass
from functools import cache
from math import log
from pathlib import Path
from types import MappingProxyType
from typing import Final

from offhook.errors import RecogniserError
from offhook.recognisers.sphinx.front import Front
from offhook.recognisers.sphinx.library import INIT_LOCK, model, pocketsphinx

FRAME_MS: Final = 10

CHANNEL: Final = Path(__file__).parent / "channel.mllr"
"""How telephone speech differs from what the model was trained with; made by ``make_channel.py``."""

CHANNEL_MEAN: Final = Path(__file__).parent / "channel.cmn"
"""The mean of telephone speech's cepstra, as 13 numbers."""

LANGUAGE_WEIGHT: Final = 9.0
"""What the language model says is multiplied with this."""

TELEPHONE: Final[Mapping[str, bool | float | str]] = MappingProxyType(
    {"fwdflat": False, "lw": LANGUAGE_WEIGHT, "mllr": str(CHANNEL)}
)
"""What is set for telephone calls."""

INIT_TIMEOUT_S: Final = 10.0
"""Making one takes 40 ms. If another thread has been at it for so long, there will be none."""

_FIRST_SEARCH: Final = b"_default"
SEARCHES_KEPT: Final = 3
"""Vocabularies that a decoder keeps, if they have the same words: those of one agent. Each takes 2 MB, and to come back
to one takes nothing."""

SCORE_STEP: Final = 1024 * log(1.0001)
"""A path's scores count in this: they are logarithms to the base 1.0001, in steps of 2**10."""

_SCORE_SHIFT: Final = 10
"""Acoustic scores of segments are 2**10 times as fine as those of the whole path."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A vocabulary as the library reads it."""

    digest: str
    lm: Path
    dictionary: Path
    words: str = ""
    """The same for vocabularies of the same words, whichever of them are likely; empty if nobody looked."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A word of the best path, or a pause or noise between words."""

    text: str
    """As in the dictionary: without the number of the pronunciation; ``<sil>`` and ``[NOISE]`` for what is no word."""
    start_frame: int
    end_frame: int
    """The last one."""
    score: float
    """How well it sounds like that and follows what was before, in the unit of the path's."""
    language: float = 0.0
    """The second part of that."""

    @property
    def frames(self) -> int:
        """Its length, in units of FRAME_MS."""
        return self.end_frame - self.start_frame + 1

    @property
    def is_word(self) -> bool:
        """It was said."""
        return self.text[0] not in "<["


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a decoder made of an utterance."""

    segments: tuple[Segment, ...]
    frames: int
    score: int
    """Of the best path, acoustic and language model together; the more negative, the worse."""
    loudness_rms: float = 0.0
    """Of the loudest frames, as they came in."""

    @property
    def words(self) -> list[Segment]:
        """What was said, without the pauses."""
        return [segment for segment in self.segments if segment.is_word]


class Decoder:
    """See above. RecogniserError if the library does not want what it is given, in any of the methods."""

    def __init__(self, settings: Mapping[str, bool | float | str] = TELEPHONE, *, mean: str | None = None) -> None:
        self.vocabulary = ""
        """The digest of what it was fitted with."""
        self.kept: list[str] = []
        """What it comes back to at once; the last is what it was fitted with last."""
        self._words = ""
        self._library = pocketsphinx()
        self._mean = _channel_mean() if mean is None else mean.encode()
        self._front = Front()
        self._open = False
        self._handle = _create(settings)

    def fit(self, files: ModelFiles) -> None:
        """Listen for another vocabulary from now on. Nothing if it is the same."""
        if files.digest == self.vocabulary:
            return
        self.vocabulary = ""
        self.abandon()
        if files.digest in self.kept:
            self.kept.remove(files.digest)
        else:
            self._add(files)
        self._check(self._library.ps_activate_search(self._handle, files.digest.encode()))
        self.kept.append(files.digest)
        self.vocabulary = files.digest

    def begin(self, loudness_rms: float | None = None) -> None:
        """Start an utterance. ``loudness_rms``: how loud this caller was before, if that is known."""
        self.abandon()
        self._front.begin(loudness_rms)
        self._library.ps_set_cmn(self._handle, self._mean)
        self._check(self._library.ps_start_stream(self._handle))  # forgets the noise of the last one
        self._check(self._library.ps_start_utt(self._handle))
        self._open = True

    def hear(self, pcm16_8k: bytes) -> None:
        """Work on some more of the utterance: about 40 ms for each second of it. AudioError for half a sample."""
        self.hear_wide(self._front.hear(pcm16_8k))

    def hear_wide(self, pcm16_16k: bytes) -> None:
        """The same, past the front: sound that is as the model wants it."""
        self._check(self._library.ps_process_raw(self._handle, pcm16_16k, len(pcm16_16k) // 2, 0, 0))

    def interim(self) -> str:
        """The words so far. They may still change."""
        text: bytes | None = self._library.ps_get_hyp(self._handle, None)
        return text.decode("ascii", "replace") if text else ""

    def finish(self) -> Decoded:
        """End the utterance: about 10 ms, most of it for the sound that the front held back."""
        self.hear_wide(self._front.finish())
        self._open = False
        self._check(self._library.ps_end_utt(self._handle))
        score = c_int32()
        self._library.ps_get_hyp(self._handle, byref(score))
        frames = int(self._library.ps_get_n_frames(self._handle))
        return Decoded(tuple(self._segments()), frames, score.value, self._front.loudness_rms)

    def abandon(self) -> None:
        """End the utterance, if there is one; nobody wants to know what was said."""
        if self._open:
            self._open = False
            self._check(self._library.ps_end_utt(self._handle))

    def close(self) -> None:
        """Give the memory back. Not to be used any more."""
        if self._handle:
            self._library.ps_free(self._handle)
            self._handle = 0

    def _add(self, files: ModelFiles) -> None:
        has_words = files.words != "" and files.words == self._words
        self._words = ""
        while len(self.kept) >= SEARCHES_KEPT or (self.kept and not has_words):
            self._check(self._library.ps_remove_search(self._handle, self.kept.pop(0).encode()))
        if not has_words:
            self._library.ps_remove_search(self._handle, _FIRST_SEARCH)  # of a new decoder, if there is one
            self._check(self._library.ps_load_dict(self._handle, str(files.dictionary).encode(), None, None))
        self._check(self._library.ps_add_lm_file(self._handle, files.digest.encode(), str(files.lm).encode()))
        self._words = files.words

    def _segments(self) -> list[Segment]:
        library, found = self._library, list[Segment]()
        start, end, acoustic = c_int(), c_int(), c_int32()
        follows = _Follows(library, library.ps_get_lm(self._handle, self.vocabulary.encode()))
        segment = library.ps_seg_iter(self._handle)
        while segment:
            library.ps_seg_frames(segment, byref(start), byref(end))
            library.ps_seg_prob(segment, byref(acoustic), None, None)
            text = library.ps_seg_word(segment).decode("ascii", "replace").partition("(")[0]
            language = follows.score(text) if text[0] not in "<[" else 0
            score = acoustic.value / (1 << _SCORE_SHIFT) + language
            found.append(Segment(text, start.value, end.value, score, language))
            segment = library.ps_seg_next(segment)  # frees the iterator after the last
        return found

    def _check(self, result: int) -> None:
        if result < 0:
            raise RecogniserError("sphinx", f"the decoder answered {result}", code="failed")


class _Follows:
    """What the language model says of a word after those before it, of which a pause is none.

    The library's own answer for a segment takes the pause before it for a word that it does not know, and gives the
    word what it would have anywhere. Its search does not: it looks behind the pause, as is done here.
    """

    def __init__(self, library: CDLL, lm: int) -> None:
        self._library = library
        self._lm = lm
        self._before: int | None = None
        self._last = int(library.ngram_wid(lm, b"<s>"))

    def score(self, word: str) -> int:
        """In the unit of the path's score."""
        this, used = self._library.ngram_wid(self._lm, word.encode()), c_int32()
        if self._before is None:
            score = self._library.ngram_bg_score(self._lm, this, self._last, byref(used))
        else:
            score = self._library.ngram_tg_score(self._lm, this, self._last, self._before, byref(used))
        self._before, self._last = self._last, this
        return int(score) >> _SCORE_SHIFT


def _create(settings: Mapping[str, bool | float | str]) -> int:
    library = pocketsphinx()
    config = library.ps_config_init(None)
    try:
        for name, value in {"hmm": str(model() / "en-us"), "loglevel": "FATAL", **settings}.items():
            if isinstance(value, bool):
                library.ps_config_set_bool(config, name.encode(), value)
            elif isinstance(value, str):
                library.ps_config_set_str(config, name.encode(), value.encode())
            else:
                library.ps_config_set_float(config, name.encode(), value)
        if not INIT_LOCK.acquire(timeout=INIT_TIMEOUT_S):
            raise RecogniserError("sphinx", "another decoder is being made, and hangs", code="lost")
        try:
            handle: int | None = library.ps_init(config)
        finally:
            INIT_LOCK.release()
    finally:
        library.ps_config_free(config)
    if not handle:
        raise RecogniserError("sphinx", f"no decoder can be made with the model in {model()}", code="failed")
    return handle


@cache
def _channel_mean() -> bytes:
    return CHANNEL_MEAN.read_bytes().strip()
