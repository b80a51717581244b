"""What goes wrong in decoders and threads, and who notices."""

import logging
import threading
from pathlib import Path

import pytest
from tests.recognisers.listener import Listener
from tests.recognisers.sphinx.decoders import FakeDecoder, Trouble
from tests.recognisers.sphinx.streams import HELLO, SOUND, Started, answer, failure, until
from tests.recognisers.telephone import CANCEL, HOURS, RESTAURANT, called

from offhook.errors import RecogniserError
from offhook.recognisers.sphinx import cabinet as cabinets
from offhook.recognisers.sphinx import recogniser as recognisers
from offhook.recognisers.sphinx.cabinet import AnyDecoder
from offhook.recognisers.sphinx.decoder import Decoder, ModelFiles
from offhook.recognisers.sphinx.recogniser import SphinxRecogniser
from offhook.recognisers.vocabulary import Vocabulary


class Real(Decoder):
    """A real decoder, that has trouble with a mark in the sound."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__()
        self._trouble = trouble

    def hear(self, pcm16_8k: bytes) -> None:
        self._trouble(pcm16_8k)
        super().hear(pcm16_8k)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(("kind", "code"), [("hang", "lost"), ("die", "lost"), ("fail", "failed")])
async def test_a_decoder_that_hangs_dies_or_fails_takes_nobody_with_it_but_who_sits_there(
    started: Started, kind: str, code: str
) -> None:
    trouble = Trouble(kind)
    recogniser = await started(lambda: Real(trouble), hang_s=1.0)
    await recogniser.prepare(RESTAURANT)
    listener, others = Listener(), Listener()
    doomed, bystander, beside = (recogniser.open(RESTAURANT, each) for each in (listener, others, others))
    assert doomed.desk is beside.desk is not bystander.desk
    sound = called(CANCEL)
    bystander.hear(sound[:20_000])
    beside.hear(sound[:3200])
    doomed.hear(Trouble.MARK * 20)

    await until(lambda: listener.failures)
    assert [error.code for error in listener.failures] == [code]
    assert await failure(doomed) == code
    bystander.hear(sound[20_000:])
    assert (await answer(bystander)).text == CANCEL
    if kind == "fail":
        beside.hear(sound[3200:])
        assert (await answer(beside)).text == CANCEL
    else:
        assert [error.code for error in others.failures] == ["lost"]

    again = recogniser.open(RESTAURANT, Listener())
    twice = recogniser.open(RESTAURANT, Listener())
    assert again.desk is not twice.desk
    for stream in (again, twice):
        stream.hear(called(HOURS))
    assert [(await answer(stream)).text for stream in (again, twice)] == [HOURS, HOURS]
    trouble.held.set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("kind", ["hang", "die"])
async def test_who_waits_for_words_when_the_thread_is_lost_is_told(started: Started, kind: str) -> None:
    trouble = Trouble(kind)
    recogniser = await started(lambda: FakeDecoder(trouble), threads=1, hang_s=0.1)
    listener = Listener()
    stream = recogniser.open(HELLO, listener)
    stream.hear(Trouble.MARK)

    assert await failure(stream) == "lost"
    assert listener.failures == []
    trouble.held.set()


async def test_the_decoders_of_those_beside_a_hanging_one_serve_others(started: Started) -> None:
    trouble, made = Trouble("hang"), list[FakeDecoder]()

    def make() -> FakeDecoder:
        made.append(FakeDecoder(trouble))
        return made[-1]

    recogniser = await started(make, threads=1, decoders=2, hang_s=0.2)
    beside, doomed = recogniser.open(HELLO, Listener()), recogniser.open(HELLO, Listener())
    beside.hear(SOUND)
    await until(lambda: made and made[0].heard_bytes)
    doomed.hear(Trouble.MARK * 20)
    assert await failure(doomed) == "lost"
    assert await failure(beside) == "lost"

    streams = [recogniser.open(HELLO, Listener()) for _ in range(3)]
    for stream in streams:
        stream.hear(SOUND)
    for stream in streams:
        assert (await answer(stream)).text == "hello"
    assert made[0].log.count("begin") > 1
    assert recogniser.decoders <= 2
    assert not any(decoder.is_closed for decoder in made)
    trouble.held.set()


async def test_a_decoder_that_fails_is_closed_and_all_that_come_later_are_understood(started: Started) -> None:
    trouble, made = Trouble("fail"), list[FakeDecoder]()

    def make() -> FakeDecoder:
        made.append(FakeDecoder(trouble))
        return made[-1]

    recogniser = await started(make, threads=1, decoders=1)
    for _ in range(3):
        doomed = recogniser.open(HELLO, Listener())
        doomed.hear(Trouble.MARK * 20 + SOUND)
        assert await failure(doomed) == "failed"
        stream = recogniser.open(HELLO, Listener())
        stream.hear(SOUND)
        assert (await answer(stream)).text == "hello"
    assert [decoder.is_closed for decoder in made] == [True, True, True, False]
    assert recogniser.decoders == 1


async def test_any_fault_in_a_decoder_is_told_as_an_error_of_the_recogniser(started: Started) -> None:
    class Broken(FakeDecoder):
        def fit(self, files: ModelFiles) -> None:
            raise KeyError(files.digest)

    stream = (await started(Broken)).open(HELLO, Listener())
    stream.hear(SOUND)

    assert await failure(stream) == "failed"


async def test_when_no_decoder_can_be_made_streams_fail_at_once_and_later_ones_succeed(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cabinets, "RETRY_S", 0.2)
    is_full = threading.Event()
    is_full.set()

    def make() -> AnyDecoder:
        if is_full.is_set():
            raise OSError("no memory")
        return FakeDecoder()

    recogniser = await started(make)
    for _ in range(2):
        stream = recogniser.open(HELLO, Listener())
        stream.hear(SOUND)
        assert await failure(stream) == "failed"

    is_full.clear()
    await until(lambda: recogniser.decoders)
    stream = recogniser.open(HELLO, Listener())
    stream.hear(SOUND)
    assert (await answer(stream)).text == "hello"


async def test_a_vocabulary_that_cannot_be_used_is_told_to_who_prepares_it_and_who_opens_with_it(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser = await started()
    monkeypatch.setattr(Vocabulary, "sentences", lambda _: iter(()))
    with pytest.raises(RecogniserError, match="cannot be used"):
        await recogniser.prepare(HELLO)
    stream = recogniser.open(HELLO, Listener())
    stream.hear(SOUND)

    assert await failure(stream) == "failed"


async def test_a_listener_that_raises_keeps_nobody_from_being_told(
    started: Started, caplog: pytest.LogCaptureFixture
) -> None:
    class Clumsy(Listener):
        def failed(self, error: RecogniserError) -> None:
            super().failed(error)
            raise ValueError("clumsy")

    recogniser = await started()
    listeners = [Clumsy() for _ in range(3)]
    for listener in listeners:
        recogniser.open(HELLO, listener)
    with caplog.at_level(logging.CRITICAL, "asyncio"):
        await recogniser.close()

    assert [[error.code for error in listener.failures] for listener in listeners] == [["lost"]] * 3


async def test_closing_fails_what_is_open_and_gives_all_memory_back(started: Started) -> None:
    made: list[FakeDecoder] = []

    def make() -> FakeDecoder:
        made.append(FakeDecoder())
        return made[-1]

    recogniser = await started(make, decoders=2)
    listener = Listener()
    speaking, asking = recogniser.open(HELLO, listener), recogniser.open(HELLO, Listener())
    for stream in (speaking, asking):
        stream.hear(SOUND)
    await until(lambda: speaking._decoder and asking._decoder)
    await recogniser.close()

    assert [error.code for error in listener.failures] == ["lost"]
    assert await failure(speaking) == "lost"
    assert await failure(asking) == "lost"
    assert len(made) == 2
    assert all(decoder.is_closed for decoder in made)
    with pytest.raises(RecogniserError, match="not started, or closed"):
        recogniser.open(HELLO, Listener())
    with pytest.raises(RecogniserError, match="not started, or closed"):
        await recogniser.prepare(HELLO)
    await recogniser.close()


async def test_it_does_not_start_without_its_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recognisers, "model", lambda: tmp_path)

    recogniser = SphinxRecogniser()
    with pytest.raises(RecogniserError, match="there is no model"):
        await recogniser.start()
    await recogniser.close()
