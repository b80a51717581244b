import pytest

from offhook.audio.chain import join
from offhook.audio.formats import PCM16_24K, PCMA_8K, PCMU_8K, AudioFormat
from offhook.loadtest.far_end.cuts import Cuts
from offhook.loadtest.far_end.script import Reply
from offhook.loadtest.far_end.tones import dominant_hz, tone

REPLY = Reply("The quick brown fox jumps over the lazy dog.", tone(700, 1090))


def test_pieces_carry_all_of_the_sound_and_all_of_the_words() -> None:
    pieces = Cuts().pieces(REPLY, PCMU_8K, 200)

    assert b"".join(piece.audio for piece in pieces) == REPLY.audio
    assert "".join(piece.words for piece in pieces) == REPLY.text
    assert [piece.duration_ms for piece in pieces] == [200, 200, 200, 200, 200, 90]


def test_the_words_go_along_with_the_sound() -> None:
    pieces = Cuts().pieces(REPLY, PCMU_8K, 200)

    assert pieces[0].words == "The quick "
    assert all(piece.words for piece in pieces)


@pytest.mark.parametrize("form", [PCMA_8K, PCM16_24K])
def test_the_sound_comes_in_the_format_asked_for(form: AudioFormat) -> None:
    pieces = Cuts().pieces(REPLY, form, 200)

    chain = join(form, PCMU_8K)
    heard = chain.convert(b"".join(piece.audio for piece in pieces)) + chain.flush()
    assert sum(piece.duration_ms for piece in pieces) == pytest.approx(1090, abs=5)
    assert len(pieces[0].audio) == form.size_bytes(200)
    assert dominant_hz(heard) == pytest.approx(700, rel=0.01)


def test_a_reply_is_cut_only_once() -> None:
    cuts = Cuts()

    assert cuts.pieces(REPLY, PCMU_8K, 200) is cuts.pieces(REPLY, PCMU_8K, 200)


def test_more_words_than_pieces_are_no_trouble() -> None:
    pieces = Cuts().pieces(Reply("one two three four five", tone(700, 40)), PCMU_8K, 20)

    assert [piece.words for piece in pieces] == ["one two three ", "four five"]
