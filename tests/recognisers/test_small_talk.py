from offhook.recognisers.lexicon import look_up
from offhook.recognisers.small_talk import OTHER_WORDS, WORDS
from offhook.recognisers.sphinx.library import model
from offhook.recognisers.spoken import spoken


def test_every_word_is_written_as_it_is_said_and_in_the_dictionary() -> None:
    words = [*WORDS, *OTHER_WORDS]

    assert [spoken(word) for word in words] == words
    assert len(set(words)) == len(words)
    assert look_up(words, model() / "cmudict-en-us.dict").guessed == ()
