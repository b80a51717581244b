"""What one vocabulary mishears, another hears. No faculties here: of the caller's voice there is one in a process."""

from tests.dialogue.desks import BISTRO
from tests.recognisers.telephone import called

from offhook.dialogue.attention import Attention
from offhook.dialogue.domain import read_domain
from offhook.dialogue.state import Phase, State, Task
from offhook.recognisers.sphinx.decoder import Decoder
from offhook.recognisers.sphinx.shelf import Shelf
from offhook.recognisers.vocabulary import Vocabulary


def heard_by(vocabulary: Vocabulary, sound: bytes) -> str:
    """What a decoder of its own makes of the sound."""
    shelf, decoder = Shelf(), Decoder()
    try:
        decoder.fit(shelf.files(vocabulary))
        decoder.begin()
        decoder.hear(sound)
        return " ".join(word.text for word in decoder.finish().words)
    finally:
        decoder.close()
        shelf.close()


def test_a_name_that_is_misheard_elsewhere_is_heard_when_a_name_was_asked_for() -> None:
    ears = Attention(read_domain(BISTRO))
    asked = ears.at(State(Phase.ASKING, Task("book_table"), "name"))

    assert heard_by(asked, called("daniel")) == "daniel"
    assert heard_by(ears.start, called("daniel")) != "daniel"
    assert heard_by(ears.whole, called("daniel")) != "daniel"
