"""What of it can be tried without two minutes of synthesisers."""

from pathlib import Path

import numpy as np
from tests.recognisers.telephone import CANCEL, called

from offhook.recognisers.sphinx.decoder import CHANNEL, CHANNEL_MEAN
from offhook.recognisers.sphinx.front import Front
from offhook.recognisers.sphinx.make_channel import SENTENCES, _Analysis, _streams, _transform


def test_the_files_are_what_the_library_reads() -> None:
    numbers = CHANNEL.read_text().split()
    streams, size = 3, 13

    # Classes, streams; for each stream its size, a matrix, an offset and factors.
    assert [int(numbers[0]), int(numbers[1])] == [1, streams]
    assert len(numbers) == 2 + streams * (1 + size * size + size + size)
    assert len(CHANNEL_MEAN.read_text().split(",")) == size


def test_a_linear_map_is_found_and_written() -> None:
    chance = np.random.default_rng(0)
    matrix, offset = chance.normal(0, 1, (13, 13)), chance.normal(0, 1, 13)
    before = [chance.normal(0, 1, (50, 13)) for _ in range(3)]
    size, *rows = _transform([(one, one @ matrix.T + offset) for one in before])

    assert size == "13"
    found = np.array([[float(value) for value in row.split()] for row in rows])
    np.testing.assert_allclose(found[:13], matrix, atol=1e-5)
    np.testing.assert_allclose(found[13], offset, atol=1e-5)
    assert (found[14] == 1).all()


def test_the_streams_are_cepstra_slopes_and_their_slopes() -> None:
    rising = np.outer(np.arange(20.0), np.ones(13))
    level, slope, bend = _streams(rising)

    np.testing.assert_allclose(level, rising - 9.5)
    assert (slope[3:-3] == 4).all()
    assert (bend[3:-3] == 0).all()


def test_the_decoders_own_cepstra_are_read_for_each_utterance(tmp_path: Path) -> None:
    analysis = _Analysis(tmp_path)
    front = Front()
    wide = front.hear(called(CANCEL)) + front.finish()
    one, silence, again = (analysis.cepstra(sound) for sound in (wide, bytes(32_000), wide))

    assert one.shape == again.shape
    assert abs(one.shape[0] - len(wide) // 320) < 5
    assert one.shape[1] == 13
    assert np.abs(one - again).max() < 0.01
    assert one[:, 0].max() > silence[:, 0].max() + 5


def test_no_sentence_is_there_twice() -> None:
    assert len(set(SENTENCES)) == len(SENTENCES) == 30
