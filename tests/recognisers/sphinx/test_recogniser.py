"""The recogniser as it is: real decoders, real speech."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.recognisers.listener import Listener
from tests.recognisers.telephone import BOOKING, CANCEL, HOURS, ORDER, ORDERS, RESTAURANT, called, noise

from offhook.errors import AudioError
from offhook.recognisers.port import Heard, Recogniser
from offhook.recognisers.sphinx import utterance as utterances
from offhook.recognisers.sphinx.recogniser import SphinxRecogniser
from offhook.recognisers.vocabulary import Vocabulary

pytestmark = pytest.mark.asyncio(loop_scope="module")

FRAME = 320


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def recogniser() -> AsyncIterator[Recogniser]:
    made = SphinxRecogniser(first_decoders=2, decoders=4)
    await made.start()
    await made.prepare(RESTAURANT)
    yield made
    await made.close()


async def understood(
    recogniser: Recogniser, sound: bytes, vocabulary: Vocabulary = RESTAURANT, listener: Listener | None = None
) -> Heard:
    stream = recogniser.open(vocabulary, listener or Listener())
    for at in range(0, len(sound), FRAME):
        stream.hear(sound[at : at + FRAME])
    return await asyncio.wait_for(asyncio.ensure_future(stream.finish()), 10)


async def test_a_sentence_through_the_telephone_is_understood(recogniser: Recogniser) -> None:
    heard = await understood(recogniser, called(BOOKING))

    assert heard.text == BOOKING
    assert heard.in_domain
    assert " ".join(word.text for word in heard.words) == BOOKING
    assert heard.audio_ms == round(len(called(BOOKING)) / 16)
    assert heard.words[0].start_ms >= 200
    assert heard.words[-1].end_ms <= heard.audio_ms - 100


@pytest.mark.parametrize("gain_db", [-10.0, 10.0])
async def test_soft_and_loud_callers_are_understood(recogniser: Recogniser, gain_db: float) -> None:
    for sentence in (HOURS, CANCEL):
        heard = await understood(recogniser, called(sentence, gain_db=gain_db))
        assert (heard.text, heard.in_domain) == (sentence, True)


async def test_a_caller_on_a_noisy_line_is_understood(recogniser: Recogniser) -> None:
    heard = await understood(recogniser, called(CANCEL, snr_db=20))

    assert (heard.text, heard.in_domain) == (CANCEL, True)


@pytest.mark.parametrize(
    "sentence", ["the president gave a long speech about climate change", "how do i fix a leaking kitchen tap"]
)
async def test_other_sentences_are_not_in_domain(recogniser: Recogniser, sentence: str) -> None:
    heard = await understood(recogniser, called(sentence))

    assert heard.text
    assert not heard.in_domain


async def test_french_is_not_in_domain(recogniser: Recogniser) -> None:
    sentence = "je voudrais réserver une table pour quatre personnes"

    assert not (await understood(recogniser, called(sentence, "fr"))).in_domain


@pytest.mark.parametrize("rms", [50, 500, 3000])
async def test_noise_is_not_in_domain(recogniser: Recogniser, rms: int) -> None:
    assert not (await understood(recogniser, noise(rms, 2))).in_domain


async def test_silence_and_nothing_at_all_are_not_in_domain(recogniser: Recogniser) -> None:
    for sound in (bytes(32_000), bytes(2), b""):
        heard = await understood(recogniser, sound)
        assert (heard.text, heard.words, heard.in_domain) == ("", (), False)
        assert heard.audio_ms == len(sound) // 16


async def test_a_shout_far_beyond_full_scale_is_not_acted_upon(recogniser: Recogniser) -> None:
    assert not (await understood(recogniser, called(BOOKING, gain_db=40))).in_domain


async def test_words_that_are_in_no_dictionary_are_understood_and_harm_no_others(recogniser: Recogniser) -> None:
    names = ["zorblatt", "kintara", "mivolex", "plendish", "trundelay", "vexibo"]
    ordered = [f"i would like to order a {name}" for name in names]
    vocabulary = Vocabulary([*RESTAURANT.patterns, *ordered], RESTAURANT.slots)

    told = [await understood(recogniser, called(sentence), vocabulary) for sentence in ordered[:2]]
    assert [heard.text for heard in told] == ordered[:2]
    assert all(heard.in_domain for heard in told)
    for sentence in (CANCEL, HOURS):
        heard = await understood(recogniser, called(sentence), vocabulary)
        assert (heard.text, heard.in_domain) == (sentence, True)


async def test_many_callers_at_once_hear_each_their_own(recogniser: Recogniser) -> None:
    calls = [(ORDER, ORDERS), (CANCEL, RESTAURANT), (HOURS, RESTAURANT)] * 2
    heard = await asyncio.gather(*(understood(recogniser, called(text), vocabulary) for text, vocabulary in calls))

    assert [each.text for each in heard] == [text for text, _ in calls]
    assert all(each.in_domain for each in heard)


async def test_words_so_far_are_told_while_the_caller_speaks(recogniser: Recogniser) -> None:
    listener = Listener()
    stream = recogniser.open(RESTAURANT, listener)
    sound = called(BOOKING)
    for at in range(0, len(sound), 3200):
        stream.hear(sound[at : at + 3200])
        before = len(listener.interims)
        for _ in range(30):  # not faster than it is worked on, as in a call
            await asyncio.sleep(0.002)
            if len(listener.interims) > before:
                break
    heard = await stream.finish()

    assert len(listener.interims) >= 5
    assert all(one.startswith("a table for") for one in listener.interims[-3:])
    assert heard.text.startswith(listener.interims[-1].rpartition(" ")[0])
    told = len(listener.interims)
    await asyncio.sleep(0.05)
    assert len(listener.interims) == told


async def test_a_radio_is_not_listened_to_for_ever_and_never_acted_upon(
    recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = called(ORDER) * 3
    monkeypatch.setattr(utterances, "MAX_UTTERANCE_MS", 6000)
    assert len(sound) > 7000 * 16
    heard = await understood(recogniser, sound, ORDERS)

    assert heard.audio_ms == 6000
    assert heard.text.startswith(ORDER)
    assert not heard.in_domain
    monkeypatch.undo()
    assert (await understood(recogniser, sound[: 6000 * 16], ORDERS)).in_domain


async def test_a_recording_that_comes_at_once_does_not_keep_others_from_their_turn(recogniser: Recogniser) -> None:
    recording = called(CANCEL) * 3
    streams = [recogniser.open(RESTAURANT, Listener()) for _ in range(2)]  # one at each thread
    for stream in streams:
        stream.hear(recording)
    order: list[str] = []

    async def finish(name: str, result: "asyncio.Future[Heard]") -> str:
        heard = await result
        order.append(name)
        return heard.text

    long = [asyncio.create_task(finish("long", asyncio.ensure_future(stream.finish()))) for stream in streams]
    bystander = asyncio.create_task(understood(recogniser, called(CANCEL)))
    bystander.add_done_callback(lambda _: order.append("bystander"))
    texts = await asyncio.gather(*long)

    assert (await bystander).text == CANCEL
    assert order[0] == "bystander"
    assert all(text.startswith(f"{CANCEL} {CANCEL}") for text in texts)


async def test_half_a_sample_is_refused_and_the_stream_goes_on(recogniser: Recogniser) -> None:
    stream = recogniser.open(RESTAURANT, Listener())
    with pytest.raises(AudioError):
        stream.hear(b"odd")
    stream.hear(called(CANCEL))

    assert (await stream.finish()).text == CANCEL


async def test_one_that_was_not_asked_for_its_words_is_left_alone(recogniser: Recogniser) -> None:
    result = recogniser.open(RESTAURANT, Listener()).finish()

    assert (await result).text == ""
