from collections.abc import Iterator

import pytest

from offhook.recognisers.sphinx import shelf as shelves
from offhook.recognisers.sphinx.shelf import Shelf
from offhook.recognisers.vocabulary import Vocabulary


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    made = Shelf()
    yield made
    made.close()


def vocabulary(text: str) -> Vocabulary:
    return Vocabulary([text], small_talk=False)


def test_a_vocabulary_is_written_once_as_a_model_and_a_dictionary(shelf: Shelf) -> None:
    assert shelf.known(vocabulary("call zorblatt")) is None
    files = shelf.files(vocabulary("call zorblatt"))

    assert shelf.known(vocabulary("call zorblatt")) is files
    assert shelf.files(vocabulary("call zorblatt")) is files
    assert files.dictionary.read_text() == "call K AO L\nzorblatt Z AO R B L AE T\n"
    assert "\\3-grams:" in files.lm.read_text()


def test_the_vocabularies_that_were_wanted_last_stay(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "MAX_VOCABULARIES", 2)
    one = shelf.files(vocabulary("one"))
    two = shelf.files(vocabulary("two"))
    shelf.known(vocabulary("one"))
    three = shelf.files(vocabulary("three"))

    assert shelf.known(vocabulary("two")) is None
    assert [files.lm.exists() for files in (one, two, three)] == [True, False, True]
    assert [files.dictionary.exists() for files in (one, two, three)] == [True, False, True]


def test_its_folder_goes_with_it() -> None:
    shelf = Shelf()
    files = shelf.files(vocabulary("hello"))
    shelf.close()

    assert not files.lm.parent.exists()
