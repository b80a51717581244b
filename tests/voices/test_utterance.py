import asyncio

from tests.voices.conftest import Listener

from offhook.errors import VoiceError
from offhook.voices.names import EspeakName, Language
from offhook.voices.port import AT_ONCE
from offhook.voices.utterance import PIECES_PER_TURN, Utterance
from offhook.voices.words import Word

NAME = EspeakName(Language("en-us", "gmw/en-US", "English"), "f5", 50)
PIECE = bytes(960)


def utterance(listener: Listener, text: str = "Sure. Which day?") -> tuple[Utterance, list[Utterance]]:
    cancelled: list[Utterance] = []
    made = Utterance(
        text,
        name=NAME,
        words_per_minute=165,
        rate_hz=24000,
        ahead_s=AT_ONCE,
        more=False,
        sink=listener.sink,
        done=listener.done,
        on_cancel=cancelled.append,
    )
    return made, cancelled


async def test_what_the_thread_gives_comes_in_order_on_the_loop() -> None:
    listener = Listener()
    speaking, _ = utterance(listener)

    def thread() -> None:
        for at in range(20):
            speaking.give(PIECE, [Word(at, at * 20)])
        speaking.end()

    await asyncio.to_thread(thread)
    error, total_ms = await listener.ended

    assert (error, total_ms, speaking.given_ms) == (None, 400, 400)
    assert listener.pieces == [PIECE] * 20
    assert [word.char_start for word in speaking.words] == list(range(20))


async def test_much_sound_at_once_leaves_turns_to_others() -> None:
    listener = Listener()
    speaking, _ = utterance(listener)
    for _ in range(PIECES_PER_TURN * 3):
        speaking.give(PIECE)
    seen = []

    for _ in range(2):
        await asyncio.sleep(0)
        seen.append(len(listener.pieces))

    assert seen == [PIECES_PER_TURN, PIECES_PER_TURN * 2]


async def test_a_word_that_the_engine_reads_in_parts_is_one_word() -> None:
    listener = Listener()
    speaking, _ = utterance(listener)

    speaking.give(PIECE, [Word(0, 0), Word(0, 30), Word(5, 60)])
    speaking.end()
    await listener.ended

    assert list(speaking.words) == [Word(0, 0), Word(5, 60)]


async def test_words_are_told_no_later_than_their_sound() -> None:
    listener = Listener()
    speaking, _ = utterance(listener)

    speaking.give(b"", [Word(0, 0)])
    await asyncio.sleep(0)
    assert not speaking.words
    speaking.give(PIECE)
    await listener.begun.wait()

    assert speaking.words


async def test_a_cancel_takes_back_what_is_on_its_way() -> None:
    listener = Listener()
    speaking, cancelled = utterance(listener)
    speaking.give(PIECE)
    speaking.end(VoiceError("too late"))

    speaking.cancel()
    speaking.cancel()
    speaking.give(PIECE)
    speaking.end()
    await asyncio.sleep(0)

    assert cancelled == [speaking]
    assert not listener.pieces
    assert not listener.ended.done()


async def test_clauses_come_one_by_one_and_the_last_is_known() -> None:
    speaking, _ = utterance(Listener(), "Sure. Which day?")

    said = [speaking.next_clause() for _ in range(2)]

    assert [(clause.text.strip(), follows) for clause, follows in said if clause] == [
        ("Sure.", True),
        ("Which day?", False),
    ]
    assert utterance(Listener(), "😀")[0].next_clause() == (None, False)
