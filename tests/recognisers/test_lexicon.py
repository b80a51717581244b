from functools import cache
from pathlib import Path

import pytest

from offhook.recognisers.lexicon import Lexicon, look_up
from offhook.recognisers.sphinx.library import model

CMUDICT = model() / "cmudict-en-us.dict"


@cache
def looked_up(*words: str) -> Lexicon:
    return look_up(words, CMUDICT)


def test_words_of_the_dictionary_are_pronounced_as_it_says() -> None:
    lexicon = looked_up("hello", "order", "hello")

    assert lexicon.pronunciations["hello"] == ["HH AH L OW", "HH EH L OW"]
    assert set(lexicon.pronunciations) == {"hello", "order"}
    assert lexicon.guessed == ()


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("ordertable", "AO R D ER T EY B AH L"),
        ("paymentlinks", "P EY M AH N T L IH NG K S"),
        ("tiramisus", "T IH R AH M IH S UW Z"),
        ("waitlist", "W EY T L IH S T"),
        ("tiramisu's", "T IH R AH M IH S UW Z"),
        ("xqz", "EH K S K Y UW Z IY"),
    ],
)
def test_words_that_it_does_not_have_are_made_of_their_parts(word: str, phones: str) -> None:
    lexicon = looked_up("ordertable", "paymentlinks", "tiramisus", "waitlist", "tiramisu's", "xqz", "hello")

    assert lexicon.pronunciations[word][0] == phones
    assert word in lexicon.guessed
    assert "hello" not in lexicon.guessed


def test_a_plural_has_the_sound_that_its_end_asks_for(tmp_path: Path) -> None:
    dictionary = tmp_path / "dict"
    dictionary.write_text("zib Z IH B\nzit Z IH T\nzish Z IH SH\nfed's F EH D Z\nreis R AY S\n")

    found = look_up(["zibs", "zits", "zishs", "feds", "reiss"], dictionary).pronunciations

    assert found["zibs"] == ["Z IH B Z"]
    assert found["zits"] == ["Z IH T S"]
    assert found["zishs"] == ["Z IH SH IH Z"]
    assert found["feds"] == ["F EH D Z"]
    assert found["reiss"][0] == "R IY S"  # no plural


def test_single_letters_may_also_be_called_by_their_names() -> None:
    assert looked_up("a").pronunciations["a"] == ["AH", "EY", "EY"]
    assert list(looked_up("a").lines()) == ["a AH", "a(2) EY"]


def test_what_has_no_sound_is_left_out() -> None:
    assert looked_up("'", "hello").pronunciations.keys() == {"hello"}


def test_a_word_without_end_takes_no_time_without_end() -> None:
    lexicon = looked_up("a" * 20_000)

    assert len(lexicon.guessed) == 1


def test_what_is_written_can_be_read_again(tmp_path: Path) -> None:
    lexicon = looked_up("hello", "zorblatt", "imap", "can")
    path = tmp_path / "dict"
    path.write_text("\n".join(lexicon.lines()) + "\n")

    again = look_up(lexicon.pronunciations, path)

    assert again.pronunciations == lexicon.pronunciations
    assert again.guessed == ()


def test_a_dictionary_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        look_up(["hello"], tmp_path / "nowhere")
