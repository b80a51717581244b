from offhook.voices.words import Word, heard

TEXT = "Your number is 415-555-0123, thank you."
WORDS = [Word(0, 0), Word(5, 200), Word(12, 500), Word(15, 700), Word(19, 1400), Word(29, 2500), Word(35, 2800)]


def test_a_word_was_heard_when_the_next_one_has_begun() -> None:
    assert heard(TEXT, WORDS, 499) == "Your"
    assert heard(TEXT, WORDS, 500) == "Your number"


def test_nothing_was_heard_during_the_first_word() -> None:
    assert heard(TEXT, WORDS, 0) == ""
    assert heard(TEXT, [], 500) == ""


def test_a_number_read_as_many_words_is_heard_whole_or_not_at_all() -> None:
    assert heard(TEXT, WORDS, 2499) == "Your number is"
    assert heard(TEXT, WORDS, 2500) == "Your number is 415-555-0123,"


def test_all_was_heard_when_the_sound_is_over() -> None:
    assert heard(TEXT, WORDS, 3100, total_ms=3100) == TEXT
    assert heard(TEXT, WORDS, 3100) == "Your number is 415-555-0123, thank"
