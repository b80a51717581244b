"""Words in, sound out, and an account of what was heard."""

import asyncio
from dataclasses import dataclass, field

import pytest

from offhook.audio.formats import PCMU_8K
from offhook.errors import VoiceError
from offhook.speech.faculties import Faculties
from offhook.speech.mouth import Mouth, Spoken
from offhook.voices.port import AHEAD_S
from offhook.voices.words import Word

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Listener:
    words: list[str] = field(default_factory=list)
    sound: bytes = b""
    sounded_ms: float = 0.0
    most_ahead_s: float = 0.0
    began_s: float = 0.0
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, words: str, sound: bytes, duration_ms: float) -> None:
        now = asyncio.get_running_loop().time()
        self.began_s = self.began_s or now
        self.words.append(words)
        self.sound += sound
        self.sounded_ms += duration_ms
        self.most_ahead_s = max(self.most_ahead_s, self.sounded_ms / 1000 - (now - self.began_s))
        self.begun.set()


def mouth(faculties: Faculties, listener: Listener, *, name: str = "marin") -> Mouth:
    return Mouth(faculties.voice, listener.take, name=name, speed=1.5, form=PCMU_8K)


async def test_sentences_are_spoken_as_soon_as_they_are_whole(faculties: Faculties) -> None:
    listener = Listener()
    talking = mouth(faculties, listener)

    for text in ("Good morning", ", this is", " the bakery. And"):
        talking.say(text)
    await asyncio.wait_for(listener.begun.wait(), 5)  # the rest was not said yet
    talking.say(" who are you?")
    talking.close()
    await asyncio.wait_for(talking.quiet, 5)

    assert "".join(listener.words) == "Good morning, this is the bakery. And who are you?"
    assert len(listener.sound) == pytest.approx(listener.sounded_ms * 8)


async def test_sound_is_not_given_far_ahead_however_many_sentences_there_are(faculties: Faculties) -> None:
    listener = Listener()
    talking = mouth(faculties, listener)

    talking.say("We have plum cake. We have cherry cake. We have tea. " * 2)
    talking.close()
    await asyncio.wait_for(talking.quiet, 10)

    assert listener.sounded_ms > AHEAD_S * 1000 + 1000
    assert listener.most_ahead_s < AHEAD_S + 1.6  # a sentence is never given in part


async def test_a_mouth_that_is_shut_says_nothing_more(faculties: Faculties) -> None:
    listener = Listener()
    talking = mouth(faculties, listener)
    talking.say("We have plum cake, cherry cake and chocolate cake. " * 3)
    await asyncio.wait_for(listener.begun.wait(), 5)

    talking.shut()
    said = listener.sounded_ms
    await asyncio.sleep(0.1)

    assert listener.sounded_ms == said
    assert talking.quiet.cancelled()
    assert len(talking.spoken.heard(100_000)) < 150


async def test_a_voice_that_cannot_speak_is_told_of(faculties: Faculties) -> None:
    talking = mouth(faculties, Listener(), name="nobody")

    talking.say("Hello. And")
    with pytest.raises(VoiceError):
        talking.say(" more")
    with pytest.raises(VoiceError):
        await talking.quiet


def said(*sentences: tuple[str, tuple[Word, ...], float | None]) -> Spoken:
    spoken = Spoken()
    for text, words, total_ms in sentences:
        spoken.begin(text)
        spoken.go_on(words)
        if total_ms is not None:
            spoken.end(total_ms)
        else:
            spoken.break_off()
    return spoken


HELLO = ("Hello there. ", (Word(0, 0), Word(6, 400)), 1000.4)
BYE = ("Good bye. ", (Word(0, 0), Word(5, 300)), 700.4)


@pytest.mark.parametrize(
    ("heard_ms", "text"),
    [(0, ""), (399, ""), (400, "Hello"), (998, "Hello"), (1000, "Hello there. "), (1301, "Hello there. Good")],
)
async def test_a_word_is_heard_when_the_next_has_begun(heard_ms: int, text: str) -> None:
    assert said(HELLO, BYE).heard(heard_ms).rstrip() == text.rstrip()


async def test_all_is_heard_at_the_end_in_whole_milliseconds() -> None:
    assert said(HELLO, BYE).heard(1700) == "Hello there. Good bye. "


async def test_of_a_sentence_that_was_broken_off_the_rest_was_never_heard() -> None:
    assert said(HELLO, (*BYE[:2], None)).heard(60_000) == "Hello there. Good"
