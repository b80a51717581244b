"""Make ``channel.mllr`` and ``channel.cmn``: how telephone speech differs from what the acoustic model knows.

    python -m offhook.recognisers.sphinx.make_channel

Wants Debian's ``flite`` and ``espeak-ng``; takes two minutes. The same sentences are spoken by four synthesisers, and
taken twice to the decoder's own cepstra: as they are, at 16 kHz, and as a caller's sound arrives, through a telephone
line (with some noise on half of them) and our ``Front``. A linear map from the first to the second, by least squares
over all frames with speech, is what maximum-likelihood linear regression would find from much more speech (C. Leggetter
and P. Woodland, 1995), and is written in its format. The voices ``kal16``, ``klatt4`` and ``adam``, and all sentences
of the benchmark, are kept out of it.

Run twice, it writes the same files to the last digit. Those that are here were made before ``levelling`` was put in
front: made again with it they are others, and understand no more (word error rate 1.9 % before and after).
"""

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offhook.recognisers.sphinx.decoder import CHANNEL, CHANNEL_MEAN, Decoder
from offhook.recognisers.sphinx.front import Front
from offhook.recognisers.sphinx.rehearsal import LEAD_SAMPLES, TRAIL_SAMPLES, say, telephone, to_pcm16
from offhook.recognisers.sphinx.shelf import Shelf
from offhook.recognisers.vocabulary import Vocabulary

VOICES = ("slt", "rms", "awb", "en-us")
SNR_DB = (None, 25.0, None, 20.0)
"""Of the noise on the line, sentence by sentence."""

SENTENCES = """\
The young boy woke before the sun rose and watched the water run over the rocks.
Her suitcase was full of useless things, but she refused to throw any of them away.
Large sizes are hard to find in the shops at this time of the year.
We talked all night about the circus and the horses that we had seen there.
Please take a sharp pencil and write down your answer on the first page.
He ran half the way to the hardware store because it had begun to rain.
When the clock struck three the teacher closed the book and left the room.
There is a small creek behind the old barn, and a field of yellow flowers.
Buses and lorries were stuck in the deep snow on the northern road.
A china cup fell on the kitchen floor with a crash, and nobody spoke.
This is a wonderful season for long walks on the mountain paths.
She saw the neighbour's cat chasing a butterfly through the garden.
Those words told the actor that he should go off the stage.
The white yacht came slowly round the point and into the bay this morning.
The two girls met while they were playing in the sand with their cousins.
There was an ink stain on the last page of the letter from my uncle.
I need eighty five dollars and ninety nine cents for the journey.
My number is six four two oh seven, and I live on Maple Street.
Fifteen or sixteen guests would join us on Thursday evening.
Yes, of course you can change it to Wednesday at a quarter past ten.
Nobody knows how many people voted in January or in February.
The judge gave a measured opinion about the usual treasure hunters.
Choose your change, and joy will reach the church in the village.
Both brothers breathe the warm southern weather of the woods.
What would you like to have for breakfast tomorrow, eggs or cereal?
Good afternoon, I am calling to ask about something that I bought.
Zero five eight three; no, sorry, it was zero five nine three.
My daughter thought that the author of the story was very young.
Will you show me which way is the shortest to the airport?
Strong young kings sing long songs about wrong turnings.
""".splitlines()

_Cepstra = NDArray[np.float64]
_SIZE = 13
_SPEECH_PERCENTILE = 25
"""Frames below this share of the loudness are pauses; their noise is not what speech is mapped to."""


def main() -> None:
    """Write both files."""
    pairs: tuple[list[tuple[_Cepstra, _Cepstra]], ...] = ([], [], [])
    means = []
    with tempfile.TemporaryDirectory() as folder:
        analysis = _Analysis(Path(folder))
        for studio, line in _spoken():
            before, after = analysis.cepstra(studio), analysis.cepstra(line)
            frames = min(len(before), len(after))
            before, after = before[:frames], after[:frames]
            means.append(after.mean(axis=0))
            speech = before[:, 0] > np.percentile(before[:, 0], _SPEECH_PERCENTILE)
            for stream, one, other in zip(pairs, _streams(before), _streams(after), strict=True):
                stream.append((one[speech], other[speech]))
    lines = ["1", str(len(pairs)), *(line for stream in pairs for line in _transform(stream))]
    CHANNEL.write_text("\n".join(lines) + "\n")
    CHANNEL_MEAN.write_text(",".join(f"{value:.3f}" for value in np.mean(means, axis=0)) + "\n")


def _spoken() -> Iterator[tuple[bytes, bytes]]:
    """Each sentence by each voice: as it is, and through the line; PCM16 at 16 kHz, in step with one another."""
    for number, (voice, text) in enumerate((voice, text) for voice in VOICES for text in SENTENCES):
        chance = np.random.default_rng(number)
        speech = say(text, voice)
        studio = np.pad(speech, (2 * LEAD_SAMPLES, 2 * TRAIL_SAMPLES))
        front = Front()
        line = front.hear(telephone(speech, chance, snr_db=SNR_DB[number % len(SNR_DB)])) + front.finish()
        yield to_pcm16(studio + chance.normal(0, 3, len(studio))), line


class _Analysis:
    """The decoder's own cepstra, which it writes into a folder if it is asked to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._decoder = Decoder({"mfclogdir": str(folder)}, mean="40,3,-1")  # without what is to be found
        shelf = Shelf()
        self._decoder.fit(shelf.files(Vocabulary(["hello"])))
        shelf.close()

    def cepstra(self, pcm16_16k: bytes) -> _Cepstra:
        """13 numbers for each 10 ms."""
        self._decoder.begin()
        self._decoder.hear_wide(pcm16_16k)
        self._decoder.finish()
        self._decoder.begin()  # closes the file of the last utterance
        self._decoder.abandon()
        written, empty = sorted(self._folder.iterdir())
        content = written.read_bytes()
        written.unlink()
        empty.unlink()
        # A count of numbers, then the numbers, in the byte order of whoever wrote them.
        order = "<" if struct.unpack("<i", content[:4])[0] == (len(content) - 4) // 4 else ">"
        return np.frombuffer(content[4:], f"{order}f4").reshape(-1, _SIZE).astype(float)


def _streams(cepstra: _Cepstra) -> tuple[_Cepstra, _Cepstra, _Cepstra]:
    """The three streams of the model, feature type ``1s_c_d_dd``: cepstra, their slopes over 4 frames, and theirs."""
    level = cepstra - cepstra.mean(axis=0)
    padded = np.pad(level, ((3, 3), (0, 0)), "edge")

    def at(offset: int) -> _Cepstra:
        return padded[3 + offset : 3 + offset + len(level)]

    return level, at(2) - at(-2), (at(3) - at(-1)) - (at(1) - at(-3))


def _transform(pairs: list[tuple[_Cepstra, _Cepstra]]) -> Iterator[str]:
    """One stream in the format of MLLR files: its size, the matrix, the offset, and factors for the variances."""
    before = np.vstack([one for one, _ in pairs])
    after = np.vstack([other for _, other in pairs])
    found, *_ = np.linalg.lstsq(np.column_stack((before, np.ones(len(before)))), after, rcond=None)
    yield str(_SIZE)
    for row in (*found[:_SIZE].T, found[_SIZE], np.ones(_SIZE)):
        yield " ".join(f"{value:.6f}" for value in row)


if __name__ == "__main__":
    main()
