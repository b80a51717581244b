"""What the caller says becomes items, and then words."""

from base64 import b64encode
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.speech.caller import (
    ARGUMENTS,
    LINE,
    SERVER_VAD,
    UNDERSTOOD,
    Caller,
    bakery,
    calls_of,
    names,
    only,
    spoken,
    with_other,
    words_of,
)

from offhook.audio.chain import join
from offhook.audio.formats import PCM16_8K, PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat
from offhook.dialogue import manners
from offhook.recognisers.sphinx.recogniser import SphinxRecogniser
from offhook.recognisers.vocabulary import Vocabulary
from offhook.speech.faculties import Faculties
from offhook.voices.leveling import SPEECH_DBFS, speech_level_dbfs
from offhook.wires.openai_realtime import server_events as server
from offhook.wires.openai_realtime.asides import ItemRetrieved

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHORT = "When are you open?"
SIX = "A cake for six people."
WIRE = {PCMU_8K: {"type": "audio/pcmu"}, PCMA_8K: {"type": "audio/pcma"}, PCM16_24K: {"type": "audio/pcm"}}
TURN = [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
    "rate_limits.updated",
]
TRANSCRIPT = [
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.completed",
]
CALL = [
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
]
SPEECH = [
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
]


def audio_item(*sounds: bytes, **fields: Any) -> dict[str, Any]:
    parts = [{"type": "input_audio", "audio": b64encode(sound).decode()} for sound in sounds]
    return {"type": "message", "role": "user", "content": parts, **fields}


def text_item(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


async def transcript_of(caller: Caller) -> server.InputTranscript:
    *_, transcript = await caller.hears(server.InputTranscript)
    assert isinstance(transcript, server.InputTranscript)
    return transcript


async def test_a_spoken_turn_is_told_in_the_protocols_order_and_answered(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery(SERVER_VAD))

    await caller.speak(LINE)
    said = await caller.hears(server.ResponseDone)

    assert names(said) == TURN + TRANSCRIPT + CALL
    [started], [stopped] = only(said, server.SpeechStarted), only(said, server.SpeechStopped)
    [committed], [transcript] = only(said, server.Committed), only(said, server.InputTranscript)
    assert started.item_id == stopped.item_id == committed.item_id == transcript.item_id
    length_ms = PCMU_8K.duration_ms(len(await spoken(faculties, LINE)))
    assert 0 <= started.audio_start_ms < 300
    assert length_ms < stopped.audio_end_ms < length_ms + 600
    assert transcript.transcript == UNDERSTOOD
    assert transcript.usage == {
        "type": "duration",
        "seconds": (stopped.audio_end_ms - started.audio_start_ms) / 1000,
    }
    assert calls_of(only(said, server.ResponseDone)[0].response) == [("order_cake", ARGUMENTS)]


@pytest.mark.parametrize("form", WIRE)
async def test_it_hears_and_speaks_every_format(faculties: Faculties, form: AudioFormat) -> None:
    config = bakery()
    config["audio"]["input"]["format"] = config["audio"]["output"]["format"] = WIRE[form]
    caller = await Caller(faculties).dial(config)

    await caller.tell("I want a cherry cake.", form)
    response = await caller.hears_reply()

    assert caller.only(server.InputTranscript)[0].transcript == "i want a cherry cake"
    assert words_of(response) == "For how many people?"
    sound = b"".join(delta.delta for delta in caller.only(server.AudioDelta))
    assert 800 < form.duration_ms(len(sound)) < 2000
    chain = join(form, PCM16_8K)
    assert speech_level_dbfs(chain.convert(sound) + chain.flush(), 8000) == pytest.approx(SPEECH_DBFS, abs=3)


async def test_a_client_that_takes_turns_itself_gets_no_reply_unless_it_asks(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.append(await spoken(faculties, SHORT))
    caller.ask("input_audio_buffer.commit")
    transcript = await transcript_of(caller)
    caller.append(await spoken(faculties, LINE))
    caller.ask("input_audio_buffer.commit")
    second = await transcript_of(caller)

    assert transcript.transcript == "when are you open"
    assert second.transcript == UNDERSTOOD
    assert not caller.only(server.ResponseCreated)
    assert not caller.only(server.SpeechStarted)
    assert [committed.previous_item_id for committed in caller.only(server.Committed)] == [None, transcript.item_id]


async def test_what_was_cleared_is_not_heard(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.append(await spoken(faculties, SHORT))
    caller.ask("input_audio_buffer.clear")
    caller.ask("input_audio_buffer.commit")
    await caller.tell(LINE)
    await caller.hears_reply()

    assert [error.code for error in caller.errors] == ["input_audio_buffer_commit_empty"]
    assert [transcript.transcript for transcript in caller.only(server.InputTranscript)] == [UNDERSTOOD]


async def test_a_client_may_commit_while_it_is_heard_that_somebody_speaks(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery(SERVER_VAD))

    caller.append(await spoken(faculties, LINE))
    await caller.hears(server.SpeechStarted)
    caller.ask("input_audio_buffer.commit")
    await caller.hears(server.InputTranscript)

    started, committed = caller.only(server.SpeechStarted)[0], caller.only(server.Committed)[0]
    assert committed.item_id == started.item_id


async def test_a_turn_in_text_is_understood(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.ask("conversation.item.create", item=text_item("I want a plum cake for 2 people, please"))
    caller.ask("response.create")
    response = await caller.hears_reply()

    assert calls_of(response) == [("order_cake", {"kind": "plum", "people": 2})]


async def test_a_recording_is_listened_to(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    sound = await spoken(faculties, LINE)

    caller.ask("conversation.item.create", item=audio_item(sound[:9000], sound[9000:], id="recording"))
    caller.ask("response.create")
    response = await caller.hears_reply()

    assert calls_of(response) == [("order_cake", ARGUMENTS)]
    assert caller.only(server.InputTranscript)[0].item_id == "recording"
    caller.ask("conversation.item.retrieve", item_id="recording")
    item = caller.only(ItemRetrieved)[0].item
    assert [(part.type, part.transcript) for part in item.content or ()] == [
        ("input_audio", UNDERSTOOD),
        ("input_audio", ""),
    ]


async def test_text_beside_a_recording_stays(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    item = audio_item(await spoken(faculties, SIX), id="both")
    item["content"].insert(0, {"type": "input_text", "text": "Cherry!"})

    caller.ask("conversation.item.create", item=item)
    caller.ask("response.create")

    assert calls_of(await caller.hears_reply()) == [("order_cake", ARGUMENTS)]


async def test_a_recording_that_is_too_long_is_refused_at_once(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.ask("conversation.item.create", item=audio_item(PCMU_8K.silence(30_500)), event_id="long")

    [error] = caller.errors
    assert (error.code, error.param, error.event_id) == ("invalid_value", "item.content", "long")
    assert not caller.only(server.ItemAdded)


async def test_sound_is_listened_to_nowhere_but_in_what_the_caller_said(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())
    sound = b64encode(await spoken(faculties, LINE)).decode()
    note = {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "x", "audio": sound}]}

    caller.ask("conversation.item.create", item=note)
    caller.ask("conversation.item.create", item=audio_item(await spoken(faculties, SHORT)))

    assert (await transcript_of(caller)).transcript == "when are you open"
    assert len(caller.only(server.ItemDone)) == 2


async def test_an_item_that_is_deleted_while_it_is_recognised_gets_no_words(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.append(await spoken(faculties, LINE))
    caller.ask("input_audio_buffer.commit")
    caller.ask("conversation.item.delete", item_id=caller.only(server.Committed)[0].item_id)
    await caller.tell(SHORT)
    response = await caller.hears_reply()

    assert calls_of(response) == [("opening_hours", {})]
    assert len(caller.only(server.InputTranscript)) == 1


async def test_without_transcription_words_are_understood_and_not_told(faculties: Faculties) -> None:
    config = bakery()
    config["audio"]["input"]["transcription"] = None
    caller = await Caller(faculties).dial(config)

    await caller.tell(LINE)

    assert calls_of(await caller.hears_reply()) == [("order_cake", ARGUMENTS)]
    assert not any("transcription" in name for name in names(caller.said))


async def test_a_turn_that_ends_while_a_reply_is_thought_of_is_answered_by_it(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    await caller.tell("I want a cherry cake.")
    caller.append(await spoken(faculties, SIX))
    caller.ask("input_audio_buffer.commit")
    response = await caller.hears_reply()

    assert calls_of(response) == [("order_cake", ARGUMENTS)]


async def test_two_turns_in_quick_succession_are_both_heard(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery(SERVER_VAD))

    await caller.speak(SHORT)
    await caller.speak(SHORT)
    await caller.hears(server.InputTranscript)
    await caller.hears(server.InputTranscript)
    await caller.hears(server.ResponseDone)

    assert [told.transcript for told in caller.only(server.InputTranscript)] == ["when are you open"] * 2
    first, second = caller.only(server.Committed)
    assert first.item_id != second.item_id
    assert not caller.errors


def _music() -> bytes:
    at = np.arange(20_000) / 8000
    notes = np.array([262, 330, 392, 523, 440])[(at * 4).astype(int) % 5]
    pitch: NDArray[np.float64] = np.cumsum(notes) * 2 * np.pi / 8000
    tune = np.sin(pitch) + np.sin(pitch * 2) / 2 + np.sin(pitch * 3) / 3
    return (tune * 4000).astype(np.int16).tobytes()


async def _strange_sound(faculties: Faculties, kind: str) -> bytes:
    voice = faculties.voice
    match kind:
        case "noise":
            return np.random.default_rng(7).normal(0, 3000, 16_000).astype(np.int16).tobytes()
        case "music":
            return _music()
        case "silence":
            return PCM16_8K.silence(1500)
        case "french":
            return await voice.speak_all("Bonjour madame, quel temps fait-il à Paris?", voice="fr", rate_hz=8000)
        case _:
            shout = np.frombuffer(await voice.speak_all("Get out of my house at once!", rate_hz=8000), np.int16)
            clipped: NDArray[np.float64] = np.clip(shout.astype(float) * 40, -32768, 32767)
            return clipped.astype(np.int16).tobytes()


async def reply_to(faculties: Faculties, sound: bytes) -> server.Response:
    caller = await Caller(faculties).dial(bakery())
    caller.append(join(PCM16_8K, PCMU_8K).convert(sound))
    caller.ask("input_audio_buffer.commit")
    caller.ask("response.create", response={"output_modalities": ["text"]})
    response = await caller.hears_reply()
    assert not caller.errors
    return response


@pytest.mark.parametrize("kind", ["noise", "silence", "french", "shouting"])
async def test_strange_sounds_call_no_tool_and_are_not_understood(faculties: Faculties, kind: str) -> None:
    response = await reply_to(faculties, await _strange_sound(faculties, kind))

    assert not calls_of(response)
    assert words_of(response).startswith(manners.NOT_UNDERSTOOD)


async def test_music_calls_no_tool(faculties: Faculties) -> None:
    # A tune may be taken for words now and then; then the agent asks if that was meant.
    assert not calls_of(await reply_to(faculties, await _strange_sound(faculties, "music")))


async def test_what_is_not_believed_is_written_down_as_nothing(faculties: Faculties) -> None:
    caller = await Caller(faculties).dial(bakery())

    caller.append(join(PCM16_8K, PCMU_8K).convert(await _strange_sound(faculties, "french")))
    caller.ask("input_audio_buffer.commit")

    assert (await transcript_of(caller)).transcript == ""
    assert not caller.only(server.InputTranscriptDelta)


class _Bystander:
    def interim(self, text: str) -> None:
        pass

    def failed(self, error: Exception) -> None:
        pass


async def test_too_many_utterances_cost_a_turn_its_words_and_no_more(faculties: Faculties) -> None:
    recogniser = SphinxRecogniser(decoders=1)
    async with with_other(faculties, recogniser=recogniser) as crowded:
        caller = await Caller(crowded).dial(bakery())
        others = [recogniser.open(Vocabulary(["hello"]), _Bystander()) for _ in range(2)]

        await caller.tell(LINE)
        response = await caller.hears_reply()

        [failed] = caller.only(server.InputTranscriptFailed)
        assert failed.error.code == "overloaded"
        assert failed.item_id == caller.only(server.Committed)[0].item_id
        assert words_of(response).startswith(manners.NOT_UNDERSTOOD)
        assert not caller.only(server.InputTranscript)

        for other in others:
            other.cancel()
        await caller.tell(LINE)
        assert calls_of(await caller.hears_reply()) == [("order_cake", ARGUMENTS)]
