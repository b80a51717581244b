import threading
from collections.abc import Iterator
from dataclasses import replace
from math import log
from pathlib import Path

import pytest
from tests.recognisers.telephone import BOOKING, CANCEL, HOURS, ORDER, ORDERS, RESTAURANT, called, noise

from offhook.errors import RecogniserError
from offhook.recognisers.sphinx import decoder as decoders
from offhook.recognisers.sphinx.decoder import LANGUAGE_WEIGHT, SCORE_STEP, Decoded, Decoder, ModelFiles
from offhook.recognisers.sphinx.library import INIT_LOCK
from offhook.recognisers.sphinx.shelf import Shelf
from offhook.recognisers.trigrams import START, Trigrams
from offhook.recognisers.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    made = Shelf()
    yield made
    made.close()


@pytest.fixture(scope="module")
def restaurant(shelf: Shelf) -> ModelFiles:
    return shelf.files(RESTAURANT)


@pytest.fixture(scope="module")
def orders(shelf: Shelf) -> ModelFiles:
    return shelf.files(ORDERS)


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    made = Decoder()
    yield made
    made.close()


def decode(decoder: Decoder, sound: bytes) -> Decoded:
    decoder.begin()
    for at in range(0, len(sound), 3200):
        decoder.hear(sound[at : at + 3200])
    return decoder.finish()


def words(decoded: Decoded) -> str:
    return " ".join(word.text for word in decoded.words)


def test_a_sentence_is_understood_and_its_words_are_where_they_were_said(
    decoder: Decoder, restaurant: ModelFiles
) -> None:
    decoder.fit(restaurant)
    sound = called(BOOKING)
    decoded = decode(decoder, sound)

    assert words(decoded) == BOOKING
    assert decoded.frames == pytest.approx(len(sound) / 160, abs=6)
    ends = [(word.start_frame, word.end_frame) for word in decoded.words]
    assert ends == sorted(ends)
    assert 20 <= ends[0][0] <= 35  # 250 ms of silence stand before it
    assert ends[-1][1] <= decoded.frames - 10
    assert all(word.frames > 0 for word in decoded.words)


def test_words_so_far_are_told_on_the_way(decoder: Decoder, restaurant: ModelFiles) -> None:
    decoder.fit(restaurant)
    decoder.begin()
    sound = called(BOOKING)
    decoder.hear(sound[: len(sound) // 4 * 2])

    assert decoder.interim().startswith("a table for four")
    decoder.abandon()


def test_pauses_are_no_words(decoder: Decoder, restaurant: ModelFiles) -> None:
    decoder.fit(restaurant)
    decoded = decode(decoder, called(CANCEL) + bytes(8000) + called(HOURS))

    assert words(decoded) == f"{CANCEL} {HOURS}"
    assert any(segment.text == "<sil>" for segment in decoded.segments)


def test_words_after_a_pause_follow_those_before_it(decoder: Decoder, restaurant: ModelFiles) -> None:
    model = Trigrams(RESTAURANT.sentences())
    decoder.fit(restaurant)
    decoded = decode(decoder, called(CANCEL) + bytes(8000) + called(HOURS))

    said = ["", START, *(word.text for word in decoded.words)]
    expected = [
        LANGUAGE_WEIGHT * log(model.probability(word, last, before)) / SCORE_STEP
        for before, last, word in zip(said, said[1:], said[2:], strict=False)
    ]
    assert any(not segment.is_word for segment in decoded.segments[2:-2])
    assert [word.language for word in decoded.words] == pytest.approx(expected, abs=10)  # and a little for each word


def test_it_listens_for_what_it_was_fitted_with_last(
    decoder: Decoder, restaurant: ModelFiles, orders: ModelFiles
) -> None:
    for files, sentence in ((restaurant, CANCEL), (orders, ORDER), (restaurant, CANCEL)):
        decoder.fit(files)
        assert decoder.vocabulary == files.digest
        assert words(decode(decoder, called(sentence))) == sentence


def test_it_comes_back_to_the_last_vocabularies_of_the_same_words(decoder: Decoder, orders: ModelFiles) -> None:
    shelf = Shelf()
    turns = [Vocabulary([CANCEL, HOURS], weights={CANCEL: weight}) for weight in (1, 2, 3, 4)]
    files = [shelf.files(vocabulary) for vocabulary in turns]
    try:
        for each in (*files, files[-2], files[-1]):
            decoder.fit(each)
            assert words(decode(decoder, called(HOURS))) == HOURS
        assert decoder.kept == [files[1].digest, files[2].digest, files[3].digest]

        decoder.fit(orders)
        assert decoder.kept == [orders.digest]
        assert words(decode(decoder, called(ORDER))) == ORDER
    finally:
        shelf.close()


def test_nothing_of_one_utterance_is_left_for_the_next(decoder: Decoder, restaurant: ModelFiles) -> None:
    decoder.fit(restaurant)
    before = decode(decoder, called(CANCEL))
    decode(decoder, noise(3000, 1))
    decode(decoder, called(HOURS, gain_db=15))
    decoder.begin()
    decoder.hear(called(BOOKING, gain_db=-15)[:20_000])
    after = decode(decoder, called(CANCEL))

    assert words(after) == words(before) == CANCEL
    # The resampler dithers by one step, so that scores differ by a little.
    assert after.score == pytest.approx(before.score, rel=0.01)


def test_no_sound_gives_no_words(decoder: Decoder, restaurant: ModelFiles) -> None:
    decoder.fit(restaurant)
    decoder.begin()

    assert decoder.finish().words == []


def test_what_the_library_does_not_want_is_an_error(decoder: Decoder, restaurant: ModelFiles, tmp_path: Path) -> None:
    decoder.fit(restaurant)
    nowhere = replace(restaurant, digest="other", lm=tmp_path / "nowhere")
    with pytest.raises(RecogniserError) as refused:
        decoder.fit(nowhere)
    assert refused.value.code == "failed"
    assert decoder.vocabulary == ""

    decoder.fit(restaurant)
    assert words(decode(decoder, called(CANCEL))) == CANCEL


def test_a_model_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecogniserError, match="no decoder can be made"):
        Decoder({"hmm": str(tmp_path)})


def test_one_that_cannot_be_made_because_another_hangs_in_it_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders, "INIT_TIMEOUT_S", 0.01)
    with INIT_LOCK, pytest.raises(RecogniserError) as refused:
        Decoder()

    assert refused.value.code == "lost"


def test_two_threads_decode_at_the_same_time_and_each_its_own(restaurant: ModelFiles) -> None:
    heard: dict[str, str] = {}

    def listen(sentence: str) -> None:
        decoder = Decoder()
        decoder.fit(restaurant)
        heard[sentence] = words(decode(decoder, called(sentence)))
        decoder.close()
        decoder.close()

    threads = [threading.Thread(target=listen, args=(sentence,)) for sentence in (CANCEL, HOURS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert heard == {sentence: sentence for sentence in (CANCEL, HOURS)}
