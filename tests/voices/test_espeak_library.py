import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from offhook.errors import VoiceError
from offhook.voices.espeak_library import PIECE_MS, EspeakLibrary, WordEvent
from offhook.voices.names import Catalogue

LOADER = import_module("espeakng_loader")
TEXT = "We are open from eleven in the morning until ten in the evening."


@pytest.fixture
def library() -> Iterator[EspeakLibrary]:
    opened = EspeakLibrary()
    opened.choose(Catalogue(opened.languages(), opened.variants()).find("echo"), 165)
    yield opened
    opened.close()


def spoken(library: EspeakLibrary, text: str, *, end_pause: bool = False) -> tuple[bytes, list[WordEvent]]:
    sound = bytearray()
    words: list[WordEvent] = []

    def take(piece: bytes, begun: list[WordEvent]) -> bool:
        sound.extend(piece)
        words.extend(begun)
        return True

    library.synthesise(text, take, end_pause=end_pause)
    return bytes(sound), words


def test_sound_comes_in_small_pieces(library: EspeakLibrary) -> None:
    sizes: list[int] = []

    def take(piece: bytes, _: list[WordEvent]) -> bool:
        sizes.append(len(piece))
        return True

    library.synthesise(TEXT, take, end_pause=False)

    assert len(sizes) > 30
    assert max(sizes) <= library.rate_hz * 2 * (PIECE_MS + 1) / 1000


def test_each_word_is_told_with_its_place_and_time(library: EspeakLibrary) -> None:
    text = "Crème brûlée, 𠀀 and tea"

    _, words = spoken(library, text)

    starts = [text.index(word) for word in ("Crème", "brûlée", "and", "tea")]
    assert [word.char_start for word in words if word.char_start in starts] == starts
    assert [word.at_ms for word in words] == sorted(word.at_ms for word in words)


def test_it_stops_when_no_more_is_wanted(library: EspeakLibrary) -> None:
    pieces: list[bytes] = []

    def take(piece: bytes, _: list[WordEvent]) -> bool:
        pieces.append(piece)
        return len(pieces) < 5

    library.synthesise(TEXT, take, end_pause=False)

    assert len(pieces) == 5


def test_what_was_cut_off_is_not_heard_in_what_follows(library: EspeakLibrary) -> None:
    before, _ = spoken(library, "See you.")
    library.synthesise(TEXT, lambda piece, _: not piece, end_pause=False)
    after, _ = spoken(library, "See you.")

    first = [np.abs(np.frombuffer(sound[:8000], np.int16).astype(int)) for sound in (before, after)]
    assert abs(len(before) - len(after)) < 200
    assert np.abs(first[0] - first[1]).mean() < 0.05 * first[0].mean()


def test_what_is_raised_while_it_speaks_comes_out(library: EspeakLibrary) -> None:
    def take(piece: bytes, _: list[WordEvent]) -> bool:
        raise LookupError("in the callback")

    with pytest.raises(LookupError, match="in the callback"):
        library.synthesise(TEXT, take, end_pause=False)
    assert spoken(library, "Fine again.")[0]


def test_a_text_may_be_cut_where_it_pauses(library: EspeakLibrary) -> None:
    whole, _ = spoken(library, "I have booked a table on Friday, and a cake. Is that correct?")
    parts = [
        spoken(library, "I have booked a table on Friday,", end_pause=True)[0],
        spoken(library, " and a cake.", end_pause=True)[0],
        spoken(library, " Is that correct?")[0],
    ]

    assert len(b"".join(parts)) == pytest.approx(len(whole), rel=0.01)


def test_nothing_in_a_text_is_a_command(library: EspeakLibrary) -> None:
    plain, _ = spoken(library, "less than break time nine")

    tagged, _ = spoken(library, "<break time='9s'/>")

    assert len(tagged) < len(plain) * 2


def test_every_language_it_lists_can_be_chosen(library: EspeakLibrary) -> None:
    languages = library.languages()
    catalogue = Catalogue(languages, library.variants())

    assert {"en-us", "en-gb", "de", "fr", "fr-fr", "es", "pt", "zh", "no", "ja"} <= set(languages)
    for language in {language.tag for language in languages.values()}:
        library.choose(catalogue.find(f"{language}+klatt4"), 165)


def test_a_faster_pace_is_a_shorter_sound(library: EspeakLibrary) -> None:
    name = Catalogue(library.languages(), library.variants()).find("echo")
    lengths = []
    for words_per_minute in (1, 100, 165, 300, 9999):
        library.choose(name, words_per_minute)
        lengths.append(len(spoken(library, TEXT)[0]))

    assert lengths == sorted(lengths, reverse=True)


def test_there_is_one_in_a_process_and_another_after_it_is_closed(library: EspeakLibrary) -> None:
    with pytest.raises(VoiceError, match="open already"):
        EspeakLibrary()

    library.close()
    library.close()
    again = EspeakLibrary()
    again.close()


def test_a_place_that_is_too_long_for_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far = tmp_path / ("a" * 80) / ("b" * 80)
    far.mkdir(parents=True)
    (far / "espeak-ng-data").symlink_to(LOADER.get_data_path())
    monkeypatch.setattr(LOADER, "get_data_path", lambda: str(far / "espeak-ng-data"))

    with pytest.raises(VoiceError, match="shorter place"):
        EspeakLibrary()


def test_missing_data_is_an_error_and_not_the_end_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LOADER, "get_data_path", lambda: str(tmp_path))

    with pytest.raises(VoiceError, match="has no data"):
        EspeakLibrary()

    monkeypatch.undo()
    EspeakLibrary().close()


def test_a_missing_package_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)

    with pytest.raises(VoiceError, match=r"offhook\[local\]"):
        EspeakLibrary()
