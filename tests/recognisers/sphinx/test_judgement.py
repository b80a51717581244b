import numpy as np
import pytest
from tests.recognisers.telephone import noise

from offhook.recognisers.sphinx.decoder import Decoded, Segment
from offhook.recognisers.sphinx.judgement import (
    LONGEST_WORD_MS,
    WORST_SCORE,
    Loudness,
    is_in_domain,
    worst_stretch,
)


def decoded(*words: tuple[int, float], pause: int = 0) -> Decoded:
    """Words one after another, each with its frames and its score per frame, and a pause at the end."""
    segments, at = [], 0
    for frames, score in words:
        segments.append(Segment("word", at, at + frames - 1, score * frames))
        at += frames
    if pause:
        segments.append(Segment("<sil>", at, at + pause - 1, -5.0 * pause))
    return Decoded(tuple(segments), at + pause, round(sum(segment.score for segment in segments)))


def loudness(*parts: bytes) -> Loudness:
    made = Loudness()
    for part in parts:
        made.hear(part)
    return made


def seconds(rms: float, length: float) -> bytes:
    return noise(rms, length)


SECOND = loudness(seconds(2000, 1))


@pytest.mark.parametrize(
    ("what", "worst"),
    [
        (decoded(), 0.0),
        (decoded((50, -30.0)), -30.0),
        (decoded((50, -30.0), (50, -40.0)), -35.0),
        (decoded((50, -30.0), (50, -40.0), pause=300), -35.0),
        (decoded((50, -30.0), (100, -60.0), (150, -20.0)), -50.0),
        (decoded((60, -20.0), (90, -20.0), (40, -85.0)), -20.0),  # the rest is too short to be judged
        (decoded((60, -20.0), (90, -20.0), (60, -85.0)), -46.0),
        (decoded((150, -20.0), (100, -90.0), (50, -90.0)), -90.0),
    ],
)
def test_what_counts_is_the_worst_second_and_a_half_of_words(what: Decoded, worst: float) -> None:
    assert worst_stretch(what) == pytest.approx(worst)


def test_words_that_fit_the_sound_are_in_domain_and_words_that_do_not_are_not() -> None:
    assert is_in_domain(decoded((50, WORST_SCORE + 1), (50, WORST_SCORE + 1)), SECOND)
    assert not is_in_domain(decoded((50, WORST_SCORE - 1), (50, WORST_SCORE - 1)), SECOND)


def test_words_that_do_not_follow_one_another_as_in_our_sentences_count_twice() -> None:
    likely = Segment("word", 0, 99, score=-5000.0, language=-1000.0)
    unlikely = Segment("word", 0, 99, score=-5000.0, language=-3000.0)

    assert worst_stretch(Decoded((likely,), 100, -5000)) == -60.0
    assert worst_stretch(Decoded((unlikely,), 100, -5000)) == -80.0


def test_a_name_does_not_pay_twice_for_being_one_of_many() -> None:
    """What hundreds of names cost is nine times the logarithm of their number, about 585 for 665 names."""
    name = Decoded((Segment("maria", 0, 49, score=-3400.0, language=-600.0),), 50, -3400)
    likely = Decoded((Segment("maria", 0, 49, score=-3400.0, language=-100.0),), 50, -3400)

    assert worst_stretch(name) == -80.0
    assert worst_stretch(name, {"susan": 665}) == -80.0
    assert worst_stretch(name, {"maria": 665}) == pytest.approx(-68.6, abs=0.1)
    assert worst_stretch(likely, {"maria": 665}) == -68.0, "nothing is given that was not paid"
    assert not is_in_domain(name, loudness(seconds(2000, 0.5)))
    assert is_in_domain(name, loudness(seconds(2000, 0.5)), {"maria": 665})


def test_one_bad_stretch_in_a_good_sentence_is_enough() -> None:
    long = loudness(seconds(2000, 4))

    assert is_in_domain(decoded(*[(50, -30.0)] * 8), long)
    assert not is_in_domain(decoded(*[(50, -30.0)] * 4, *[(50, WORST_SCORE - 5)] * 3, (50, -30.0)), long)


def test_no_words_are_not_in_domain() -> None:
    assert not is_in_domain(decoded(pause=100), SECOND)


def test_a_word_without_end_is_a_tone() -> None:
    frames = LONGEST_WORD_MS // 10
    long = loudness(seconds(2000, 1.5))

    assert is_in_domain(decoded((frames, -30.0), (25, -30.0)), long)
    assert not is_in_domain(decoded((frames + 1, -30.0), (24, -30.0)), long)


def test_loud_sound_that_is_no_word_is_not_passed_over() -> None:
    half = loudness(seconds(2000, 0.5), seconds(30, 0.5))

    assert is_in_domain(decoded((25, -30.0), (25, -30.0), pause=50), half)
    assert not is_in_domain(decoded((25, -30.0), (25, -30.0), pause=50), SECOND)
    assert half.covered(decoded((25, -30.0), pause=75)) == pytest.approx(0.5, abs=0.03)


def test_sound_that_is_cut_off_at_full_scale_is_not_understood() -> None:
    at = np.arange(8000)
    shouted = np.clip(60_000 * np.sin(at), -32124, 32124).astype(np.int16).tobytes()
    clipped = loudness(shouted)

    assert clipped.clipped() > 0.4
    assert not is_in_domain(decoded((50, -30.0), (50, -30.0)), clipped)
    assert SECOND.clipped() == 0


def test_sound_in_pieces_of_any_size_is_the_same_sound() -> None:
    sound = seconds(2000, 0.5) + seconds(100, 0.5)
    pieces = loudness(*(sound[at : at + 74] for at in range(0, len(sound), 74)))
    what = decoded((40, -30.0), pause=60)

    assert pieces.covered(what) == loudness(sound).covered(what)


def test_no_sound_and_silence_are_no_words() -> None:
    assert loudness().covered(decoded()) == 0
    assert loudness().clipped() == 0
    assert loudness(bytes(16_000)).covered(decoded()) == 0
    assert loudness(bytes(16_000)).clipped() == 0
