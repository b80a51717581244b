"""Was that something of the vocabulary, or did the decoder have to call it something?

A decoder always finds words: of noise, of French, of two people at once. Four questions tell them apart.

* Do the words fit the sound, all the way? What counts is the worst stretch of STRETCH_MS: a sentence of another kind
  may well begin like one of ours. Scores are in the library's unit, logarithms to the base 1.0001 in steps of 1024, for
  each frame of 10 ms, pauses left out. That the words follow one another as in our sentences counts for more than
  the decoder lets it: where it had to call something else by our words, they rarely do. But that there are hundreds of
  names makes none of them less likely to be a name, so a name does not pay twice for being one of many.
* Are the loud parts words? Not if speech was so distorted that the decoder took it for a pause.
* Is each word of a possible length? Steady noise and music become one endless vowel.
* Was the sound cut off at full scale?

On the lines of ``benchmarks/recognition.py``, in five synthetic voices: of sentences that were heard word for word
99.7 % are taken for ours, of other sentences 4 in 105, of single strange words 9 in 38. Few of those mean anything to
the dialogue.
"""

from collections.abc import Mapping
from math import log
from types import MappingProxyType
from typing import Final

import numpy as np

from offhook.recognisers.sphinx.decoder import FRAME_MS, LANGUAGE_WEIGHT, SCORE_STEP, Decoded, Segment

WORST_SCORE: Final = -72.0
"""A stretch must score at least this for each frame."""

LANGUAGE_COUNTS: Final = 2.0
"""So many times what the decoder gave it. With 1, a tenth of what was heard rightly had to be refused, single words
most of all, to refuse as much of the rest."""

STRETCH_MS: Final = 1500
"""Shorter ones are judged as a whole."""

LEAST_COVERED: Final = 0.7
"""Of the loud frames, so many must lie in words. It is 0.98 for most sentences, and was never below 0.75."""

LOUD_DB: Final = 20.0
"""A frame is loud if it is within so much of the loudest."""

LONGEST_WORD_MS: Final = 1200
"""The longest in the benchmark took 950 ms."""

MOST_CLIPPED: Final = 0.08
"""Of the samples in loud frames. Three times too loud it is 0.03, and half is understood; ten times, above 0.1."""

_FULL_SCALE: Final = 31_000
"""The two loudest codes of µ-law, and of A-law."""

_FRAME_SAMPLES: Final = 8 * FRAME_MS
_NO_MEMBERS: Final[Mapping[str, int]] = MappingProxyType({})


class Loudness:
    """What is to be known about an utterance's sound, taken in as it comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._powers: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
        self._clipped: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []

    def hear(self, pcm16_8k: bytes) -> None:
        """Take in some more samples at 8 kHz. What is shorter than a frame waits for the rest of it."""
        sound = self._rest + pcm16_8k
        whole = len(sound) - len(sound) % (2 * _FRAME_SAMPLES)
        self._rest = sound[whole:]
        if whole:
            frames = np.frombuffer(sound[:whole], np.int16).astype(np.float32).reshape(-1, _FRAME_SAMPLES)
            self._powers.append((frames**2).mean(axis=1))
            self._clipped.append((np.abs(frames) >= _FULL_SCALE).mean(axis=1))

    def covered(self, decoded: Decoded) -> float:
        """The share of the loud frames that lie in words, 0 to 1."""
        if not self._powers:
            return 0.0
        loud = self._loud()
        in_words = np.zeros(len(loud), bool)
        for word in decoded.words:
            in_words[word.start_frame : word.end_frame + 1] = True
        return float((loud & in_words).sum() / loud.sum())

    def clipped(self) -> float:
        """The share of samples at full scale in the loud frames, 0 to 1."""
        return float(np.concatenate(self._clipped)[self._loud()].mean()) if self._powers else 0.0

    def _loud(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        powers = np.concatenate(self._powers)
        loud: np.ndarray[tuple[int], np.dtype[np.bool_]] = powers >= powers.max() * 10 ** (-LOUD_DB / 10)
        return loud


def is_in_domain(decoded: Decoded, loudness: Loudness, members: Mapping[str, int] = _NO_MEMBERS) -> bool:
    """Somebody said something of the vocabulary, whose ``members`` these are, and it may be acted upon."""
    if not decoded.words or worst_stretch(decoded, members) < WORST_SCORE:
        return False
    if max(word.frames for word in decoded.words) * FRAME_MS > LONGEST_WORD_MS:
        return False
    return loudness.covered(decoded) >= LEAST_COVERED and loudness.clipped() <= MOST_CLIPPED


def worst_stretch(decoded: Decoded, members: Mapping[str, int] = _NO_MEMBERS) -> float:
    """The score per frame of the worst words in a row that last STRETCH_MS, or of all if they are shorter.

    ``members``: see ``Vocabulary.members``.
    """
    words = decoded.words
    worst = 0.0
    for first in range(len(words)):
        score, frames = 0.0, 0
        for word in words[first:]:
            score += _judged(word, members)
            frames += word.frames
            if frames * FRAME_MS >= STRETCH_MS:
                worst = min(worst, score / frames)
                break
        else:
            if first == 0:
                return score / max(frames, 1)
            # A short rest may be in no stretch. To judge it with the word before refused as many of ours as of others.
            break
    return worst


def _judged(word: Segment, members: Mapping[str, int]) -> float:
    """The score of a word, for whom all members of a slot are one word."""
    paid = (LANGUAGE_COUNTS - 1) * word.language
    one_of_many = LANGUAGE_WEIGHT * log(members.get(word.text, 1)) / SCORE_STEP
    return word.score + min(paid + one_of_many, 0.0)
