"""libespeak-ng through ctypes: as much of ``speak_lib.h`` (espeak-ng 1.52) as a voice needs.

The library and its data come with the package ``espeakng-loader``; both are GPL-3, which is why it is in the extra
``local``. All of the library's state is global to the process, so there is one ``EspeakLibrary`` at a time, and it is
to be used by one thread at a time. ctypes lets go of the GIL while the library works.

Also true of it, and seen here: a data path of 160 characters or more is not found; an unknown variant is taken in
silence; ``espeak_Initialize`` sets the process's LC_CTYPE to a UTF-8 one.
"""

import ctypes
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

from offhook.errors import VoiceError
from offhook.voices.names import EspeakName, Language

PIECE_MS: Final = 60
"""Sound comes from the library in pieces of this length, and is cut off at the end of one."""

MAX_DATA_PATH_CHARS: Final = 159
MIN_WORDS_PER_MINUTE: Final = 80
MAX_WORDS_PER_MINUTE: Final = 450

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_END_PAUSE = 0x1000
_POSITION_CHARACTER = 1
_RATE, _PITCH = 1, 3
_EVENT_NONE, _EVENT_WORD = 0, 1


class WordEvent(NamedTuple):
    """A word begins in the sound."""

    char_start: int
    """In the text that was given."""
    at_ms: int
    """From the beginning of that text's sound."""


Take = Callable[[bytes, list[WordEvent]], bool]
"""Takes a piece of PCM16, and the words that begin in it or soon after; says if there shall be more."""


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # characters, from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # ms
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),  # (priority: 1 byte, tag, NUL) for each, then a 0
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))

_the_one = threading.Lock()  # the library's state is the process's, so is this


class EspeakLibrary:
    """The library, loaded and initialised: 1 to 5 ms, 4 MB. ``close`` it before another one is made.

    VoiceError if the package is missing, its data cannot be read, or one is open already.
    """

    def __init__(self) -> None:
        if not _the_one.acquire(blocking=False):
            raise VoiceError("espeak is open already: there can be one in a process")
        try:
            self._library, self._data_path = _load()
            place = self._data_path.encode()
            self.rate_hz = int(self._library.espeak_Initialize(_SYNCHRONOUS, PIECE_MS, place, _DONT_EXIT))
            if self.rate_hz <= 0:
                raise VoiceError(f"espeak could not read its data in {self._data_path}")
        except BaseException:
            _the_one.release()
            raise
        self._take: Take | None = None
        self._fault: BaseException | None = None
        self._on_sound = _SynthCallback(self._sound)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._on_sound)
        self._chosen: tuple[EspeakName, int] | None = None
        self._open = True

    def close(self) -> None:
        """Give back what it holds. Twice is once."""
        if self._open:
            self._open = False
            self._library.espeak_Terminate()
            _the_one.release()

    def languages(self) -> dict[str, Language]:
        """By each tag in lower case, the language that answers to it best. Those without a dictionary are left out."""
        ranked: dict[str, tuple[int, Language]] = {}
        for voice in self._list(None):
            tags = _tags(voice.languages)
            identifier = voice.identifier.decode()
            if identifier.startswith("mb/"):  # the voices of another program, that is not here
                continue
            if not self._has_dictionary({identifier.rpartition("/")[2], *(tag for _, tag in tags)}):
                continue
            language = Language(tags[0][1], identifier, voice.name.decode().strip())
            for priority, tag in tags:
                best = ranked.get(tag.lower())
                if best is None or priority < best[0]:
                    ranked[tag.lower()] = priority, language
        return {tag: language for tag, (_, language) in ranked.items()}

    def variants(self) -> list[str]:
        """The names of the timbres, as they follow the ``+``."""
        return [voice.identifier.decode().rpartition("/")[2] for voice in self._list(b"variant")]

    def choose(self, name: EspeakName, words_per_minute: int) -> None:
        """Speak as ``name`` from here on: 0.1 ms, 0.4 ms and once 4 ms if it is another language.

        VoiceError if the library does not know it. The pace is brought into the range that it can keep.
        """
        if self._chosen == (name, words_per_minute):
            return
        self._chosen = None
        asked = f"{name.language.identifier}+{name.variant}" if name.variant else name.language.identifier
        if status := self._library.espeak_SetVoiceByName(asked.encode()):
            raise VoiceError(f"espeak cannot speak as {asked} (status {status})", field="voice")
        pace = min(MAX_WORDS_PER_MINUTE, max(MIN_WORDS_PER_MINUTE, words_per_minute))
        self._library.espeak_SetParameter(_RATE, pace, 0)
        self._library.espeak_SetParameter(_PITCH, name.pitch, 0)
        self._chosen = name, words_per_minute

    def synthesise(self, text: str, take: Take, *, end_pause: bool) -> None:
        """Speak ``text`` into ``take`` until it is done, or ``take`` says no. Nothing in it is a command.

        What ``take`` raises is raised here. VoiceError if the library fails. Text must hold no NUL and no surrogate.
        """
        data = text.encode()
        self._take = take
        self._fault = None
        flags = _CHARS_UTF8 | (_END_PAUSE if end_pause else 0)
        status = self._library.espeak_Synth(data, len(data) + 1, 0, _POSITION_CHARACTER, 0, flags, None, None)
        self._take = None
        if self._fault is not None:
            raise self._fault
        if status:
            raise VoiceError(f"espeak could not speak (status {status})", retryable=True)

    def _sound(self, wave: int | None, samples: int, events: Any) -> int:
        """The library's callback; 1 stops it. Nothing may be raised into it."""
        try:
            if self._take is None or self._fault is not None:
                return 1
            words = []
            at = 0
            while (kind := events[at].type) != _EVENT_NONE:
                if kind == _EVENT_WORD:
                    words.append(WordEvent(events[at].text_position - 1, events[at].audio_position))
                at += 1
            sound = ctypes.string_at(wave, samples * 2) if wave and samples > 0 else b""
            return 0 if self._take(sound, words) else 1
        except BaseException as fault:
            self._fault = fault
            return 1

    def _has_dictionary(self, names: set[str]) -> bool:
        return any(Path(self._data_path, f"{name.partition('-')[0]}_dict").exists() for name in names)

    def _list(self, languages: bytes | None) -> list[_Voice]:
        wanted = None
        if languages:
            buffer = ctypes.create_string_buffer(languages)
            wanted = ctypes.byref(_Voice(languages=ctypes.addressof(buffer)))
        listed = self._library.espeak_ListVoices(wanted)
        voices: list[_Voice] = []
        while listed[len(voices)]:
            voices.append(listed[len(voices)].contents)
        return voices


def _load() -> tuple[ctypes.CDLL, str]:
    try:
        loader = import_module("espeakng_loader")
        library = ctypes.CDLL(loader.get_library_path())
        data_path = str(loader.get_data_path())
    except ImportError:
        raise VoiceError("the voice is not installed; pip install 'offhook[local]'") from None
    except (OSError, RuntimeError) as error:
        raise VoiceError(f"espeak cannot be loaded: {error}") from error
    if len(data_path.encode()) > MAX_DATA_PATH_CHARS:
        raise VoiceError(
            f"espeak finds its data only below a path of {MAX_DATA_PATH_CHARS} characters; {data_path} has"
            f" {len(data_path.encode())}: install it in a shorter place"
        )
    if not Path(data_path, "phontab").is_file():  # the library itself would go on with what it read before
        raise VoiceError(f"espeak has no data in {data_path}")
    pointer, number = ctypes.c_void_p, ctypes.c_uint
    library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    library.espeak_SetSynthCallback.argtypes = [_SynthCallback]
    library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
    library.espeak_SetParameter.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int]
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, number, ctypes.c_int, number, number, pointer, pointer,
    ]  # fmt: skip
    library.espeak_ListVoices.argtypes = [ctypes.POINTER(_Voice)]
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    return library, data_path


def _tags(address: int) -> list[tuple[int, str]]:
    """The languages of a voice, with how well it suits each: a low number is better."""
    tags = []
    while priority := ctypes.string_at(address, 1)[0]:
        tag = ctypes.string_at(address + 1)
        tags.append((priority, tag.decode()))
        address += len(tag) + 2
    return tags
