"""What the name of a voice stands for. Pure.

A name is one of OpenAI's (``marin``), so that an agent written for that engine is heard here too; or a language
(``de``); or a language with a timbre (``de+cedar``, ``en-gb+klatt4``): one of OpenAI's names again, or a variant of
espeak's own. Upper and lower case are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from offhook.errors import VoiceError
from offhook.voices.port import VoiceInfo

HOME_LANGUAGE: Final = "en-us"
DEFAULT_NAME: Final = "marin"


@dataclass(frozen=True, slots=True)
class Timbre:
    """How a voice sounds, whatever its language."""

    variant: str
    """One of espeak's; empty is none."""
    pitch: int = 50
    """0 to 99; 50 is the variant's own."""
    description: str = ""


TIMBRES: Final[Mapping[str, Timbre]] = MappingProxyType(
    {
        "alloy": Timbre("f1", 30, "between high and low, 150 Hz"),
        "ash": Timbre("michel", 62, "low and warm, 115 Hz"),
        "ballad": Timbre("klatt3", 35, "low and soft, 90 Hz"),
        "cedar": Timbre("m6", 50, "low and clear, 100 Hz"),
        "coral": Timbre("f2", 50, "high, 190 Hz"),
        "echo": Timbre("klatt4", 45, "low and plain, 95 Hz; telephone recognisers like it"),
        "fable": Timbre("f1", 50, "high, 180 Hz"),
        "marin": Timbre("f5", 50, "high and clear, 205 Hz"),
        "nova": Timbre("f3", 40, "high and bright, 195 Hz"),
        "onyx": Timbre("m1", 36, "very low, 80 Hz"),
        "sage": Timbre("f5", 35, "high and calm, 175 Hz"),
        "shimmer": Timbre("f2", 65, "very high, 225 Hz"),
        "verse": Timbre("m6", 72, "low and lively, 125 Hz"),
    }
)
"""OpenAI's names, and what stands in for them. No likeness is meant: only that each is clear and unlike the others.

They were chosen by machine: of the 51 variants that were tried, these had a word error rate of 20 to 57 % in a
dictating recogniser (pocketsphinx, 16 kHz, 65 words), and most of the others 60 to 100 %. No panel has listened.
"""


@dataclass(frozen=True, slots=True)
class Language:
    """A language that espeak speaks."""

    tag: str
    """As ``en-us``."""
    identifier: str
    """What espeak finds it by, as ``gmw/en-US``. It finds some by their tags too, but not all."""
    title: str


@dataclass(frozen=True, slots=True)
class EspeakName:
    """A voice, as espeak is asked for it."""

    language: Language
    variant: str
    pitch: int


class Catalogue:
    """The voices that there are, by name."""

    def __init__(self, languages: Mapping[str, Language], variants: Sequence[str]) -> None:
        """``languages``: by each tag in lower case; one language may have several."""
        self._languages = languages
        self._variants = {variant.lower(): variant for variant in variants}

    def find(self, name: str | None) -> EspeakName:
        """Return what ``name`` stands for; None is DEFAULT_NAME. VoiceError if there is no such voice."""
        asked = (name if name is not None else DEFAULT_NAME).strip().lower().replace("_", "-")
        if asked in TIMBRES:
            asked = f"{HOME_LANGUAGE}+{asked}"
        tag, plus, timbre_name = asked.partition("+")
        language = self._languages.get(HOME_LANGUAGE if tag == "en" else tag)
        if language is None or (plus and not timbre_name):
            raise self._unknown(name)
        timbre = TIMBRES[DEFAULT_NAME]
        if timbre_name in TIMBRES:
            timbre = TIMBRES[timbre_name]
        elif timbre_name:
            if timbre_name not in self._variants:
                raise self._unknown(name)
            timbre = Timbre(self._variants[timbre_name])
        return EspeakName(language, timbre.variant, timbre.pitch)

    def voices(self) -> list[VoiceInfo]:
        """OpenAI's names first, then the languages, each with the default's timbre."""
        named = [VoiceInfo(name, HOME_LANGUAGE, timbre.description) for name, timbre in TIMBRES.items()]
        own = sorted(set(self._languages.values()), key=lambda language: language.tag)
        return named + [VoiceInfo(language.tag, language.tag, language.title) for language in own]

    def _unknown(self, name: str | None) -> VoiceError:
        return VoiceError(
            f"no voice {name!r:.80}; there are {', '.join(TIMBRES)}, languages such as de or en-gb, and both"
            " together as de+cedar",
            field="voice",
        )
