import pytest

from offhook.errors import VoiceError
from offhook.voices.names import TIMBRES, Catalogue, Language

ENGLISH = Language("en-us", "gmw/en-US", "English (America)")
BRITISH = Language("en-gb", "gmw/en", "English (Great Britain)")
GERMAN = Language("de", "gmw/de", "German")
CATALOGUE = Catalogue({"en-us": ENGLISH, "en-gb": BRITISH, "en": BRITISH, "de": GERMAN}, ["f5", "klatt4", "Andy"])


def test_openai_names_are_voices_of_their_own() -> None:
    found = {CATALOGUE.find(name) for name in TIMBRES}

    assert len(found) == len(TIMBRES) == 13
    assert {name.language for name in found} == {ENGLISH}


def test_a_voice_may_be_a_language_with_a_timbre() -> None:
    cedar = CATALOGUE.find("cedar")
    german = CATALOGUE.find("de+cedar")

    assert (german.language, german.variant, german.pitch) == (GERMAN, cedar.variant, cedar.pitch)
    assert CATALOGUE.find("en_GB+ANDY").variant == "Andy"
    assert CATALOGUE.find("de+klatt4").pitch == 50


def test_a_language_alone_has_the_default_timbre() -> None:
    assert CATALOGUE.find("de").variant == CATALOGUE.find(None).variant == CATALOGUE.find("marin").variant


def test_english_is_the_one_of_the_house() -> None:
    assert CATALOGUE.find("en").language is ENGLISH
    assert CATALOGUE.find("en-gb").language is BRITISH


@pytest.mark.parametrize("name", ["", "bob", "xx", "de+", "de+bob", "+f5", "de+f5+f5", "../../etc/passwd", "x" * 500])
def test_an_unknown_voice_is_named_in_the_error(name: str) -> None:
    with pytest.raises(VoiceError, match="there are alloy, ash") as raised:
        CATALOGUE.find(name)

    assert raised.value.field == "voice"
    assert not raised.value.retryable
    assert len(str(raised.value)) < 300


def test_the_list_holds_names_and_languages_once() -> None:
    names = [voice.name for voice in CATALOGUE.voices()]

    assert names == [*TIMBRES, "de", "en-gb", "en-us"]
