import asyncio
import ctypes
import sys
import threading
from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.voices.conftest import Listener, say

from offhook.errors import VoiceError
from offhook.voices import espeak
from offhook.voices.espeak import EspeakVoice
from offhook.voices.leveling import CEILING, SPEECH_DBFS, speech_level_dbfs
from offhook.voices.names import TIMBRES
from offhook.voices.output_stage import OutputStage
from offhook.voices.port import AT_ONCE, MAX_TEXT_CHARS, Voice
from offhook.voices.utterance import Utterance
from offhook.voices.words import heard

REPLY = "I have booked a table for four people on Friday, at seven thirty. Is that correct?"
LONG = ("We are open from Monday to Saturday, from eleven in the morning. " * 99)[:MAX_TEXT_CHARS]


def spectrum(sound: bytes, rate_hz: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    samples = np.frombuffer(sound, np.int16).astype(float)
    frequencies = np.fft.rfftfreq(len(samples), 1 / rate_hz).astype(np.float64)
    power: NDArray[np.float64] = np.abs(np.fft.rfft(samples)) ** 2
    return frequencies, power


def colour(sound: bytes, rate_hz: int) -> NDArray[np.float64]:
    """How its energy is spread over bands of 50 Hz, in dB."""
    frequencies, power = spectrum(sound, rate_hz)
    bands = [power[(frequencies >= low) & (frequencies < low + 50)].sum() for low in range(50, 3400, 50)]
    spread: NDArray[np.float64] = 10 * np.log10(np.array(bands) / sum(bands))
    return spread


async def test_a_text_becomes_speech(voice: Voice) -> None:
    listener, total_ms = await say(voice, REPLY)

    assert 3000 < total_ms < 8000
    assert len(listener.sound) == pytest.approx(total_ms * 48, abs=48)
    assert all(piece and len(piece) % 2 == 0 and len(piece) <= 48 * 200 for piece in listener.pieces)
    assert len(listener.pieces) > total_ms / 200
    frequencies, power = spectrum(listener.sound, 24000)
    assert power[(frequencies > 80) & (frequencies < 4000)].sum() > 0.9 * power.sum()


async def test_a_longer_text_is_a_longer_sound(voice: Voice) -> None:
    lengths = [len(await voice.speak_all(text)) for text in ("Sure.", "Sure, I can do that.", REPLY, REPLY * 2)]

    assert lengths == sorted(lengths)
    assert lengths[-1] == pytest.approx(2 * lengths[-2], rel=0.15)


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000])
async def test_it_comes_at_the_rate_that_is_asked_for(voice: Voice, rate_hz: int) -> None:
    listener, total_ms = await say(voice, REPLY, rate_hz=rate_hz)

    assert len(listener.sound) / 2 / rate_hz * 1000 == pytest.approx(total_ms, abs=1)
    assert total_ms == pytest.approx(5200, rel=0.1)


async def test_every_voice_has_the_level_of_a_line_and_is_unlike_the_others(voice: Voice) -> None:
    sounds = {name: await voice.speak_all(REPLY, voice=name, rate_hz=8000) for name in TIMBRES}

    for name, sound in sounds.items():
        assert speech_level_dbfs(sound, 8000) == pytest.approx(SPEECH_DBFS, abs=1.5), name
        assert np.abs(np.frombuffer(sound, np.int16).astype(int)).max() <= CEILING * 32768 + 1, name
    for one, other in combinations(sounds, 2):
        assert np.abs(colour(sounds[one], 8000) - colour(sounds[other], 8000)).mean() > 1, (one, other)


async def test_loud_variants_are_brought_down_without_clipping(voice: Voice) -> None:
    for name in ("en-us+iven", "en-us+Jacky", "de+klatt", "fr+ian"):
        sound = await voice.speak_all("1, 2, 3, 4, 5.", voice=name, rate_hz=8000)

        assert speech_level_dbfs(sound, 8000) == pytest.approx(SPEECH_DBFS, abs=2.5), name
        assert np.abs(np.frombuffer(sound, np.int16).astype(int)).max() <= CEILING * 32768 + 1, name


async def test_a_language_is_spoken_in_its_own_way(voice: Voice) -> None:
    english = await voice.speak_all("Paris, nation, garage.", voice="en-us+cedar")
    french = await voice.speak_all("Paris, nation, garage.", voice="fr+cedar")

    assert abs(len(english) - len(french)) > 2400


async def test_speed_makes_it_shorter(voice: Voice) -> None:
    slow, normal, fast = [len(await voice.speak_all(REPLY, speed=speed)) for speed in (0.5, 1.0, 2.0)]

    assert slow > 1.4 * normal > 1.4 * 1.4 * fast


async def test_markup_makes_no_sound(voice: Voice) -> None:
    plain = await voice.speak_all("Hello there, Anna.")
    marked = await voice.speak_all("**Hello** <b>there</b>, `Anna`. 😀")

    assert len(marked) == pytest.approx(len(plain), abs=4800)


@pytest.mark.parametrize("text", ["", "  \n", "😀", "***"])
async def test_a_text_with_nothing_to_say_is_done_at_once(voice: Voice, text: str) -> None:
    listener, total_ms = await say(voice, text)

    assert (listener.pieces, total_ms) == ([], 0)


async def test_a_sentence_that_is_followed_by_another_ends_with_a_pause(voice: Voice) -> None:
    lengths = []
    for more in (False, True):
        listener = Listener()
        voice.speak("Sure.", sink=listener.sink, done=listener.done, more=more)
        lengths.append((await listener.ended)[1])

    assert 150 < lengths[1] - lengths[0] < 800


async def test_the_place_of_each_word_is_known(voice: Voice) -> None:
    text = "Sure, **Anna**. Call 415-555-0123 - today!"
    listener = Listener()

    speaking = voice.speak(text, sink=listener.sink, done=listener.done, ahead_s=AT_ONCE)
    _, total_ms = await listener.ended

    starts = [word.char_start for word in speaking.words]
    assert [start for start in starts if start in {0, 8, 16, 21, 36}] == [0, 8, 16, 21, 36]
    assert starts == sorted(starts)
    times = [word.at_ms for word in speaking.words]
    assert times == sorted(times)
    assert times[-1] < total_ms == speaking.given_ms
    today_ms = times[starts.index(36)]
    assert heard(text, speaking.words, today_ms - 1) == "Sure, **Anna**. Call"
    assert heard(text, speaking.words, today_ms) == "Sure, **Anna**. Call 415-555-0123 -"
    assert heard(text, speaking.words, total_ms, total_ms) == text


async def test_sound_of_a_word_is_where_it_is_said_to_be(voice: Voice) -> None:
    listener = Listener()
    speaking = voice.speak("Yes. No.", sink=listener.sink, done=listener.done, rate_hz=8000)
    await listener.ended

    second_ms = speaking.words[1].at_ms
    before, after = listener.sound[(second_ms - 150) * 16 : (second_ms - 30) * 16], listener.sound[second_ms * 16 :]
    assert speech_level_dbfs(before, 8000) < speech_level_dbfs(after[: 150 * 16], 8000) - 15


async def test_after_a_cancel_nothing_is_heard_and_nothing_is_made(voice: EspeakVoice) -> None:
    listener = Listener()
    speaking = voice.speak(LONG, sink=listener.sink, done=listener.done, ahead_s=AT_ONCE)
    await listener.begun.wait()

    speaking.cancel()
    speaking.cancel()
    pieces = len(listener.pieces)
    await say(voice, REPLY)  # by now the engine has long left the other one
    made_ms = speaking.taken_ms
    await say(voice, REPLY)

    assert len(listener.pieces) == pieces
    assert not listener.ended.done()
    assert speaking.taken_ms == made_ms < 30_000  # of 270 s


async def test_one_can_be_cancelled_before_its_first_sound(voice: Voice) -> None:
    listener = Listener()
    voice.speak(REPLY, sink=listener.sink, done=listener.done).cancel()

    await say(voice, REPLY)

    assert not listener.pieces
    assert not listener.ended.done()


async def test_a_long_text_does_not_hold_up_a_short_one(voice: Voice) -> None:
    long, short = Listener(), Listener()
    voice.speak(LONG, sink=long.sink, done=long.done, ahead_s=AT_ONCE)
    await long.begun.wait()

    voice.speak("Sure.", sink=short.sink, done=short.done)
    await short.ended

    assert not long.ended.done()
    error, total_ms = await asyncio.wait_for(long.ended, 20)
    assert error is None
    assert total_ms > 200_000


async def test_long_texts_take_turns(voice: Voice) -> None:
    served: list[str] = []
    listeners = [Listener(), Listener()]
    for name, listener in zip("ab", listeners, strict=True):

        def sink(_: bytes, name: str = name) -> None:
            served.append(name)

        voice.speak(REPLY * 5, sink=sink, done=listener.done, ahead_s=AT_ONCE)
    await asyncio.gather(*(listener.ended for listener in listeners))

    turns = sum(one != other for one, other in pairwise(served))
    assert turns >= 8


async def test_sound_does_not_run_further_ahead_than_asked(voice: Voice) -> None:
    loop = asyncio.get_running_loop()
    listener = Listener()
    begun = loop.time()
    speaking = voice.speak("One. Two. Three. Four.", sink=listener.sink, done=listener.done, ahead_s=0.5)
    await say(voice, REPLY)  # which is made at once

    assert not listener.ended.done()
    assert 0 < speaking.given_ms < 1600
    _, total_ms = await asyncio.wait_for(listener.ended, 10)
    last_clause_s = (total_ms - speaking.words[-1].at_ms) / 1000
    assert loop.time() - begun >= total_ms / 1000 - last_clause_s - 0.5 - 0.05


async def test_25_speak_at_once(voice: Voice) -> None:
    names = [*TIMBRES, *list(TIMBRES)[:12]]

    all_of_it = await asyncio.gather(*(voice.speak_all(REPLY, voice=name, rate_hz=8000) for name in names))

    assert all(len(sound) > 60_000 for sound in all_of_it)


async def test_a_request_that_cannot_be_served_is_refused_at_once(voice: Voice) -> None:
    for text, name, rate_hz, speed, field in (
        ("x" * (MAX_TEXT_CHARS + 1), None, 24000, 1.0, "text"),
        ("Hi.", "nobody", 24000, 1.0, "voice"),
        ("Hi.", None, 44100, 1.0, "rate_hz"),
        ("Hi.", None, 24000, 0.1, "speed"),
        ("Hi.", None, 24000, float("nan"), "speed"),
    ):
        listener = Listener()
        with pytest.raises(VoiceError) as raised:
            voice.speak(text, sink=listener.sink, done=listener.done, voice=name, rate_hz=rate_hz, speed=speed)
        assert raised.value.field == field


async def test_too_many_at_once_are_told_to_come_back(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "MAX_UTTERANCES", 2)
    listener = Listener()
    for _ in range(3):  # one of them may be with the engine, and does not wait
        try:
            voice.speak(LONG, sink=listener.sink, done=listener.done)
        except VoiceError:
            break

    with pytest.raises(VoiceError, match="already") as raised:
        voice.speak(LONG, sink=listener.sink, done=listener.done)

    assert raised.value.retryable


@pytest.mark.parametrize("fault", [ValueError, SystemExit, VoiceError])
async def test_a_thread_that_dies_takes_only_its_own_session_along(
    voice: Voice, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    class Breaking(OutputStage):
        def __init__(self, from_hz: int, to_hz: int, gain: float) -> None:
            super().__init__(from_hz, to_hz, gain)
            self._breaks = to_hz == 16000

        def take(self, sound: bytes) -> bytes:
            if self._breaks:
                raise fault("broken")
            return super().take(sound)

    monkeypatch.setattr(espeak, "OutputStage", Breaking)
    before = voice_thread()
    others = [asyncio.ensure_future(voice.speak_all(REPLY, rate_hz=8000)) for _ in range(4)]
    broken = Listener()
    voice.speak(REPLY, sink=broken.sink, done=broken.done, rate_hz=16000)

    error, total_ms = await asyncio.wait_for(broken.ended, 10)

    assert isinstance(error, VoiceError)
    assert total_ms == 0
    assert all(len(sound) > 60_000 for sound in await asyncio.gather(*others))
    assert voice_thread() is not before
    assert await voice.speak_all("And on it goes.")


async def test_a_thread_that_dies_while_it_waits_is_replaced(voice: Voice) -> None:
    before = voice_thread()
    assert before.ident is not None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(before.ident), ctypes.py_object(SystemExit))

    assert await asyncio.wait_for(voice.speak_all(REPLY), 10)

    assert voice_thread() is not before


async def test_who_still_speaks_is_told_when_the_voice_is_closed() -> None:
    voice = EspeakVoice()
    listeners = [Listener() for _ in range(3)]
    for listener in listeners:
        voice.speak(LONG, sink=listener.sink, done=listener.done, ahead_s=AT_ONCE)
    await listeners[0].begun.wait()

    voice.close()
    voice.close()

    for listener in listeners:
        error, _ = await asyncio.wait_for(listener.ended, 5)
        assert error is not None
        assert "closed" in str(error)
    with pytest.raises(VoiceError, match="closed"):
        voice.speak("Hi.", sink=listeners[0].sink, done=listeners[0].done)
    assert not [thread for thread in threading.enumerate() if thread.name == "voice"]


async def test_a_sink_that_breaks_is_left_alone(voice: Voice) -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context.get("exception")))
    calls = 0

    def sink(_: bytes) -> None:
        nonlocal calls
        calls += 1
        raise OSError("the socket is gone")

    listener = Listener()
    voice.speak(LONG, sink=sink, done=listener.done, ahead_s=AT_ONCE)
    await say(voice, REPLY)

    assert calls == 1
    assert isinstance(told[0], OSError)
    assert not listener.ended.done()


async def test_a_loop_that_was_closed_hurts_nobody(voice: Voice) -> None:
    speaking: list[Utterance] = []

    async def begin_and_leave() -> None:
        listener = Listener()
        begun = voice.speak(LONG, sink=listener.sink, done=listener.done, ahead_s=AT_ONCE)
        assert isinstance(begun, Utterance)
        speaking.append(begun)

    await asyncio.to_thread(asyncio.run, begin_and_leave())

    async with asyncio.timeout(10):
        while not speaking[0].is_over:
            await say(voice, "Sure.")
    assert speaking[0].taken_ms < 60_000


async def test_waiting_for_all_of_it_can_be_given_up(voice: EspeakVoice) -> None:
    task = asyncio.ensure_future(voice.speak_all(LONG))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await say(voice, REPLY)


async def test_openai_names_and_languages_are_listed_and_all_can_speak(voice: Voice) -> None:
    listed = voice.voices()

    assert {"marin", "alloy", "de", "fr-fr"} <= {info.name for info in listed}
    for info in listed[:: len(listed) // 30]:
        assert len(await voice.speak_all("1, 2", voice=info.name, rate_hz=8000)) > 4000, info


async def test_a_process_that_forgets_to_close_it_ends_in_peace() -> None:
    program = """
import asyncio
from offhook.voices.espeak import EspeakVoice

async def main():
    sound = asyncio.Event()
    voice = EspeakVoice()
    voice.speak("A long text. " * 300, sink=lambda _: sound.set(), done=print, ahead_s=float("inf"))
    await sound.wait()

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)

    assert (process.returncode, output) == (0, b"")


def voice_thread() -> threading.Thread:
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "voice" and thread.is_alive()]
    return thread
