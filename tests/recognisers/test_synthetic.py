import asyncio

import pytest
from tests.recognisers.listener import Listener

from offhook.errors import AudioError, RecogniserError
from offhook.recognisers import synthetic
from offhook.recognisers.port import Recogniser, Word
from offhook.recognisers.synthetic import SyntheticRecogniser
from offhook.recognisers.vocabulary import Vocabulary

ANY = Vocabulary(["hello"], small_talk=False)
SECOND = bytes(16_000)


async def test_it_hears_what_it_was_told_in_turn() -> None:
    recogniser: Recogniser = SyntheticRecogniser(["book a table", ""])
    await recogniser.start()
    await recogniser.prepare(ANY)
    heard = []
    for _ in range(3):
        stream = recogniser.open(ANY, Listener())
        stream.hear(SECOND)
        heard.append(await stream.finish())

    assert [each.text for each in heard] == ["book a table", "", "book a table"]
    assert [each.in_domain for each in heard] == [True, False, True]
    assert heard[0].words == (Word("book", 0, 333), Word("a", 333, 666), Word("table", 666, 999))
    assert heard[0].audio_ms == 1000


async def test_words_come_one_by_one_while_there_is_sound_for_them() -> None:
    listener = Listener()
    stream = SyntheticRecogniser(["book a table"], word_ms=400).open(ANY, listener)
    for _ in range(4):
        stream.hear(SECOND[:6400])

    assert listener.interims == ["book", "book a", "book a table"]


async def test_the_same_result_is_given_again_and_sound_after_the_end_is_not_heard() -> None:
    stream = SyntheticRecogniser(["hello"]).open(ANY, Listener())
    stream.hear(SECOND)
    result = stream.finish()
    stream.hear(SECOND)

    assert stream.finish() is result
    assert (await result).audio_ms == 1000


async def test_nothing_is_told_of_a_stream_that_was_cancelled() -> None:
    listener = Listener()
    stream = SyntheticRecogniser(["hello"], delay_ms=5).open(ANY, listener)
    stream.hear(SECOND)
    result = stream.finish()
    stream.cancel()
    stream.cancel()
    stream.hear(SECOND)

    with pytest.raises(asyncio.CancelledError):
        await result
    with pytest.raises(asyncio.CancelledError):
        await stream.finish()
    assert listener.failures == []


async def test_closing_fails_what_is_open() -> None:
    recogniser = SyntheticRecogniser(["hello"], delay_ms=60_000)
    speaking, asking = Listener(), Listener()
    stream = recogniser.open(ANY, speaking)
    result = recogniser.open(ANY, asking).finish()
    await recogniser.close()

    assert [failure.code for failure in speaking.failures] == ["lost"]
    assert asking.failures == []
    for each in (result, stream.finish()):
        with pytest.raises(RecogniserError, match="closed"):
            await each


async def test_too_many_streams_and_broken_sound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "MAX_STREAMS", 2)
    recogniser = SyntheticRecogniser(["hello"])
    first = recogniser.open(ANY, Listener())
    recogniser.open(ANY, Listener())
    with pytest.raises(RecogniserError) as refused:
        recogniser.open(ANY, Listener())
    assert refused.value.code == "overloaded"

    first.cancel()
    with pytest.raises(AudioError):
        recogniser.open(ANY, Listener()).hear(b"odd")


@pytest.mark.parametrize(
    "make",
    [
        lambda: SyntheticRecogniser([]),
        lambda: SyntheticRecogniser(["hello"], delay_ms=-1),
        lambda: SyntheticRecogniser(["hello"], word_ms=0),
    ],
)
def test_one_that_cannot_hear_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(RecogniserError):
        make()
