"""Many streams and few decoders: who waits, who leaves, who is refused."""

import asyncio

import pytest
from tests.recognisers.listener import Listener
from tests.recognisers.sphinx.decoders import FakeDecoder, Trouble
from tests.recognisers.sphinx.streams import HELLO, SOUND, Started, answer, failure, until
from tests.recognisers.telephone import CANCEL, HOURS, RESTAURANT, called

from offhook.errors import RecogniserError
from offhook.recognisers.port import Heard
from offhook.recognisers.sphinx import recogniser as recognisers
from offhook.recognisers.sphinx import utterance as utterances
from offhook.recognisers.sphinx.decoder import Decoder
from offhook.recognisers.sphinx.utterance import MAX_UTTERANCE_MS, MAX_WAITING_MS


async def test_too_many_at_once_are_refused_and_those_above_the_decoders_wait(started: Started) -> None:
    recogniser = await started(decoders=2)
    streams = [recogniser.open(HELLO, Listener()) for _ in range(4)]
    with pytest.raises(RecogniserError) as refused:
        recogniser.open(HELLO, Listener())
    assert refused.value.code == "overloaded"
    assert refused.value.retryable
    for stream in streams:
        stream.hear(SOUND)
    await until(lambda: sum(stream._decoder is not None for stream in streams) == 2)
    results = [stream.finish() for stream in streams]

    assert [heard.text for heard in await asyncio.wait_for(asyncio.gather(*results), 10)] == ["hello"] * 4
    recogniser.open(HELLO, Listener()).cancel()
    assert recogniser.decoders == 2


async def test_each_who_waits_for_a_decoder_gets_one_as_soon_as_it_is_free(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognisers, "LOOK_S", 60.0)  # nobody comes to the rescue
    recogniser = await started(decoders=2)
    holders = [recogniser.open(HELLO, Listener()) for _ in range(2)]
    for stream in holders:
        stream.hear(SOUND)
    await until(lambda: all(stream._decoder for stream in holders))
    speaking, asking = (recogniser.open(HELLO, Listener()) for _ in range(2))
    for _ in range(5):  # it may ask once, and not with each piece of its sound
        speaking.hear(SOUND)
        await asyncio.sleep(0.005)
    await until(lambda: speaking._waits)
    asking.hear(SOUND)
    answered = asking.finish()
    await until(lambda: asking._waits)
    for stream in holders:
        assert (await answer(stream)).text == "hello"

    assert (await asyncio.wait_for(answered, 10)).text == "hello"
    await until(lambda: speaking._decoder)
    assert (await answer(speaking)).audio_ms == 5 * 300


async def test_who_is_called_back_and_has_left_calls_the_next(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognisers, "LOOK_S", 60.0)
    trouble = Trouble("hang")
    recogniser = await started(lambda: FakeDecoder(trouble), decoders=2)
    holder, busy, asking, leaver = (recogniser.open(HELLO, Listener()) for _ in range(4))
    assert holder.desk is asking.desk is not busy.desk
    assert leaver.desk is busy.desk
    for stream in (holder, busy):
        stream.hear(SOUND)
    await until(lambda: holder._decoder and busy._decoder)
    leaver.hear(SOUND)
    await until(lambda: leaver._waits)
    busy.hear(Trouble.MARK * 20)
    await until(lambda: busy.desk.at is busy)
    asking.hear(SOUND)
    answered = asking.finish()
    await until(lambda: asking._waits)
    await answer(holder)
    await until(lambda: not leaver._waits)
    leaver.cancel()
    trouble.held.set()

    assert (await asyncio.wait_for(answered, 10)).text == "hello"
    assert busy._decoder is not None


async def test_more_sound_than_can_wait_fails_the_stream(started: Started) -> None:
    recogniser = await started(decoders=1, threads=1)
    holder, listener = recogniser.open(HELLO, Listener()), Listener()
    holder.hear(SOUND)
    await until(lambda: holder._decoder)
    stream = recogniser.open(HELLO, listener)
    for _ in range(MAX_WAITING_MS // 300 + 2):
        stream.hear(SOUND)

    assert [error.code for error in listener.failures] == ["overloaded"]
    assert await failure(stream) == "overloaded"
    assert (await answer(holder)).text == "hello"


async def test_who_waits_too_long_for_an_answer_is_told(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utterances, "MOST_ANSWER_S", 0.1)
    recogniser = await started(decoders=1)
    holder = recogniser.open(HELLO, Listener())
    holder.hear(SOUND)
    await until(lambda: holder._decoder)
    stream = recogniser.open(HELLO, Listener())
    stream.hear(SOUND)

    assert await failure(stream) == "overloaded"
    assert (await answer(holder)).text == "hello"


@pytest.mark.parametrize("when", ["before any sound", "while it listens", "while it is being answered"])
async def test_cancelling_gives_the_decoder_back_and_tells_nothing(started: Started, when: str) -> None:
    recogniser = await started(decoders=1)
    listener = Listener()
    stream = recogniser.open(HELLO, listener)
    result = None
    if when != "before any sound":
        stream.hear(SOUND)
        await until(lambda: stream._decoder)
    if when == "while it is being answered":
        result = stream.finish()
    stream.cancel()
    stream.cancel()
    stream.hear(SOUND)
    told = len(listener.interims)

    for asked in (result, stream.finish()):
        if asked is not None:
            with pytest.raises(asyncio.CancelledError):
                await asked
    other = recogniser.open(HELLO, Listener())
    other.hear(SOUND)
    assert (await answer(other)).text == "hello"
    assert recogniser.decoders == 1
    assert len(listener.interims) == told
    assert listener.failures == []


async def test_who_leaves_while_waiting_for_a_decoder_does_not_take_it_from_the_next(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognisers, "LOOK_S", 60.0)
    recogniser = await started(decoders=1, threads=1)
    first, leaver = (recogniser.open(HELLO, Listener()) for _ in range(2))
    first.hear(SOUND)
    await until(lambda: first._decoder)
    leaver.hear(SOUND)
    await until(lambda: leaver._waits)
    leaver.cancel()
    last = recogniser.open(HELLO, Listener())
    last.hear(SOUND)
    waiting = last.finish()
    await answer(first)

    assert (await asyncio.wait_for(waiting, 10)).text == "hello"


async def test_callers_who_share_a_decoder_hear_nothing_of_one_another(started: Started) -> None:
    recogniser = await started(Decoder, threads=2, decoders=1)
    await recogniser.prepare(RESTAURANT)

    async def call(sentence: str, gain_db: float) -> Heard:
        stream = recogniser.open(RESTAURANT, Listener())
        stream.hear(called(sentence, gain_db=gain_db))
        return await answer(stream)

    alone = await call(CANCEL, 0)
    cut_off = recogniser.open(RESTAURANT, Listener())
    cut_off.hear(called(HOURS, gain_db=10)[:16_000])
    await until(lambda: cut_off._decoder)
    cut_off.cancel()
    heard = [await call(CANCEL, 0), await call(HOURS, 10), await call(CANCEL, 0)]

    assert recogniser.decoders == 1
    assert [each.text for each in heard] == [CANCEL, HOURS, CANCEL]
    for each in (heard[0], heard[2]):
        assert each.words == alone.words
        assert each.score_per_frame == pytest.approx(alone.score_per_frame, rel=0.02)
        assert each.loudness_rms == pytest.approx(alone.loudness_rms, rel=0.001)


async def test_a_minute_is_the_longest_utterance(started: Started) -> None:
    stream = (await started()).open(HELLO, Listener())
    for _ in range(MAX_UTTERANCE_MS // 300 + 10):
        stream.hear(SOUND)
        await until(lambda: stream._waiting_ms < MAX_WAITING_MS / 2)
    heard = await answer(stream)

    assert heard.audio_ms == MAX_UTTERANCE_MS
    assert (heard.text, heard.in_domain) == ("hello", False)
