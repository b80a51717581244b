"""The voice in the box: espeak, for many sessions at once, on one thread.

GPL: ``espeak_library`` loads libespeak-ng when an ``EspeakVoice`` is made, and at no other time. Make one only in the
process that serves speech.

The engine can serve one at a time, so a text goes to it clause by clause, and those who speak take turns (``rota``).
Measured on a shared 2-core machine, Python 3.11, uvloop, espeak-ng 1.52, from ``speak`` to the sink on the loop:

====================================================  =============================================
one speaker, short to long replies, 8 or 24 kHz       first sound p50 0.3 to 0.9 ms, p99 0.7 to 5 ms
CPU of a second of sound, all included                1.7 to 2.5 ms (the engine alone: 0.9)
25 callers, replies in real time, 20 s                first sound p50 1.4, p99 8 ms; 0.06 of a core
25 in the same instant, 60 characters without comma   first sound p50 100, p99 200 ms
"Sure." beside a text of 4,000 characters             first sound p50 3, p99 5 ms
opening it                                            23 ms; a voice's first use 7 ms more
memory                                                3 MB with 13 voices, 7 MB with 25 speaking
2,000 pairs of replies, a third of them cancelled     memory flat
====================================================  =============================================

A cancelled text gives its sink nothing more; the engine leaves it at its next piece of 60 ms, 0.1 ms later.
"""

import asyncio
import atexit
import threading
import time
from collections.abc import Sequence
from typing import Final

from offhook.audio.resample import RATES_HZ
from offhook.errors import VoiceError
from offhook.telemetry.logs import get_logger
from offhook.voices.espeak_library import EspeakLibrary, WordEvent
from offhook.voices.leveling import gain_for, speech_level_dbfs
from offhook.voices.names import Catalogue, EspeakName
from offhook.voices.output_stage import OutputStage
from offhook.voices.port import AHEAD_S, AT_ONCE, MAX_SPEED, MAX_TEXT_CHARS, MIN_SPEED, Done, Sink, VoiceInfo
from offhook.voices.reading import Clause
from offhook.voices.rota import Rota
from offhook.voices.utterance import Utterance
from offhook.voices.words import Word

WORDS_PER_MINUTE: Final = 165
"""At speed 1."""

MAX_UTTERANCES: Final = 500
"""Spoken at once. A core holds about as many in real time; more would only wait for each other."""

MAX_CLAUSE_S: Final = 300
"""Of sound; a clause that becomes longer is a fault of the engine, and ends its utterance."""

_LEVEL_TEXT = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."  # every language reads it
_JOIN_TIMEOUT_S = 2.0

log = get_logger(__name__)


class EspeakVoice:
    """A ``Voice``. One in a process; VoiceError if it cannot be had, see ``EspeakLibrary``."""

    def __init__(self) -> None:
        self._gains: dict[EspeakName, float] = {}  # bounded by the voices that there are
        self._library = EspeakLibrary()
        try:
            self._catalogue = Catalogue(self._library.languages(), self._library.variants())
            self._gain(self._catalogue.find(None))  # a voice that cannot speak shall fail here, not in a call
        except BaseException:
            self._library.close()
            raise
        self._rota: Rota[Utterance] = Rota()
        self._bell = threading.Condition()  # guards the rota, _speaking and _closed
        self._speaking: Utterance | None = None
        self._closed = False
        self._thread = self._started()
        atexit.register(self.close)  # a thread that is inside the library must not outlive the interpreter

    def speak(
        self,
        text: str,
        *,
        sink: Sink,
        done: Done,
        voice: str | None = None,
        rate_hz: int = 24000,
        speed: float = 1.0,
        ahead_s: float = AHEAD_S,
        more: bool = False,
    ) -> Utterance:
        """See ``Voice``."""
        if len(text) > MAX_TEXT_CHARS:
            raise VoiceError(f"{len(text)} characters; {MAX_TEXT_CHARS} are the most", field="text")
        if rate_hz not in RATES_HZ:
            raise VoiceError(f"{rate_hz} Hz; there are {', '.join(map(str, RATES_HZ))}", field="rate_hz")
        if not MIN_SPEED <= speed <= MAX_SPEED:
            raise VoiceError(f"{speed}; it goes from {MIN_SPEED} to {MAX_SPEED}", field="speed")
        utterance = Utterance(
            text,
            name=self._catalogue.find(voice),
            words_per_minute=round(WORDS_PER_MINUTE * speed),
            rate_hz=rate_hz,
            ahead_s=ahead_s,
            more=more,
            sink=sink,
            done=done,
            on_cancel=self._forget,
        )
        with self._bell:
            if self._closed:
                raise VoiceError("the voice is closed")
            if len(self._rota) >= MAX_UTTERANCES:
                raise VoiceError(f"{MAX_UTTERANCES} texts are being spoken already", code="overloaded", retryable=True)
            self._rota.add(utterance, covered_until_s=utterance.covered_until_s, ahead_s=ahead_s)
            self._bell.notify()
        return utterance

    async def speak_all(
        self, text: str, *, voice: str | None = None, rate_hz: int = 24000, speed: float = 1.0
    ) -> bytes:
        """See ``Voice``."""
        sound = bytearray()
        finished: asyncio.Future[VoiceError | None] = asyncio.get_running_loop().create_future()
        speaking = self.speak(
            text,
            sink=sound.extend,
            done=lambda error, _: finished.set_result(error),
            voice=voice,
            rate_hz=rate_hz,
            speed=speed,
            ahead_s=AT_ONCE,
        )
        try:
            if error := await finished:
                raise error
        finally:
            speaking.cancel()
        return bytes(sound)

    def check(self, voice: str | None) -> None:
        """See ``Voice``."""
        self._catalogue.find(voice)

    def voices(self) -> Sequence[VoiceInfo]:
        """See ``Voice``."""
        return self._catalogue.voices()

    def close(self) -> None:
        """See ``Voice``. Takes a few milliseconds; twice is once."""
        with self._bell:
            if self._closed:
                return
            self._closed = True
            waiting = self._rota.take_all()
            self._bell.notify()
        atexit.unregister(self.close)
        self._thread.join(_JOIN_TIMEOUT_S)
        for utterance in waiting:
            utterance.end(VoiceError("the voice was closed"))
        if self._thread.is_alive():
            log.error("the voice's thread did not end; the library stays open", timeout_s=_JOIN_TIMEOUT_S)
        else:
            self._library.close()

    def _forget(self, utterance: Utterance) -> None:
        with self._bell:
            self._rota.drop(utterance)

    def _started(self) -> threading.Thread:
        thread = threading.Thread(target=self._live, name="voice", daemon=True)
        thread.start()
        return thread

    # From here on, all is the thread's.

    def _live(self) -> None:
        """Serve turn by turn. A fault ends the thread and the utterance that it was serving; another takes over."""
        try:
            while (utterance := self._next()) is not None:
                self._serve(utterance)
                with self._bell:
                    self._speaking = None
        except BaseException as fault:
            log.exception("the voice's thread died", replaced=not self._closed)
            with self._bell:
                culprit, self._speaking = self._speaking, None
                if not self._closed:
                    self._thread = self._started()
            if culprit is not None:
                told = fault if isinstance(fault, VoiceError) else VoiceError("the voice failed", retryable=True)
                culprit.end(told)

    def _next(self) -> Utterance | None:
        """Whose turn it is, when it is; None when the voice is closed."""
        with self._bell:
            while not self._closed:
                now = time.monotonic()
                if (utterance := self._rota.take(now)) is not None:
                    self._speaking = utterance
                    return utterance
                self._bell.wait(self._rota.wait_s(now))
        return None

    def _serve(self, utterance: Utterance) -> None:
        """Say its next clause, and put it back if it has another."""
        clause, follows = utterance.next_clause()
        if clause is not None:
            self._say(clause, utterance, end_pause=follows or utterance.more)
        if follows:
            utterance.covered_until_s = max(utterance.covered_until_s, time.monotonic()) + utterance.clause_s
            with self._bell:
                if not utterance.is_over and not self._closed:
                    self._rota.add(utterance, covered_until_s=utterance.covered_until_s, ahead_s=utterance.ahead_s)
                    return
        if utterance.stage is not None and not utterance.is_over:
            utterance.give(utterance.stage.finish())
        utterance.end(VoiceError("the voice was closed") if self._closed else None)

    def _say(self, clause: Clause, utterance: Utterance, *, end_pause: bool) -> None:
        gain = self._gain(utterance.name)
        if utterance.stage is None:
            utterance.stage = OutputStage(self._library.rate_hz, utterance.rate_hz, gain)
        stage = utterance.stage
        began_ms = utterance.taken_ms
        limit_ms = began_ms + MAX_CLAUSE_S * 1000

        def take(sound: bytes, events: list[WordEvent]) -> bool:
            if utterance.is_over or self._closed:
                return False
            utterance.taken_ms += len(sound) / 2 * 1000 / self._library.rate_hz
            if utterance.taken_ms > limit_ms:
                raise VoiceError(f"a clause of {len(clause.text)} characters became longer than {MAX_CLAUSE_S} s")
            words = [
                Word(clause.origin(event.char_start), round(began_ms + event.at_ms))
                for event in events
                if 0 <= event.char_start < len(clause.text)
            ]
            utterance.give(stage.take(sound) if sound else b"", words)
            return True

        self._library.choose(utterance.name, utterance.words_per_minute)
        self._library.synthesise(clause.text, take, end_pause=end_pause)
        utterance.clause_s = (utterance.taken_ms - began_ms) / 1000

    def _gain(self, name: EspeakName) -> float:
        """What brings a voice to the level of a line: measured when it speaks for the first time, in about 5 ms."""
        if (gain := self._gains.get(name)) is None:
            sound = bytearray()

            def take(piece: bytes, _: list[WordEvent]) -> bool:
                sound.extend(piece)
                return True

            self._library.choose(name, WORDS_PER_MINUTE)
            self._library.synthesise(_LEVEL_TEXT, take, end_pause=False)
            gain = gain_for(speech_level_dbfs(bytes(sound), self._library.rate_hz))
            self._gains[name] = gain
        return gain
