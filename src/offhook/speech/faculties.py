"""What all sessions of the process share: ears, a recogniser, a voice, and a dialogue for each."""

import os
from contextlib import AsyncExitStack
from typing import Final, Self

import httpx

from offhook.dialogue.chat import Chat, Endpoint, new_client
from offhook.dialogue.domain import Domain
from offhook.dialogue.port import Dialogue, Role
from offhook.dialogue.rules import Rules
from offhook.ears.vad import Vad
from offhook.recognisers.port import Recogniser
from offhook.recognisers.sphinx.recogniser import SphinxRecogniser
from offhook.speech.lessons import Lessons
from offhook.voices.espeak import EspeakVoice
from offhook.voices.port import Voice

SESSIONS_PER_DECODER: Final = 2
"""Callers listen half of the time, at least."""
LEAST_DECODERS: Final = 4
LEAST_THREADS: Final = 2
"""For recognition; one for each core, if there are more."""


class Faculties:
    """Made by ``start``; whoever has it closes it."""

    def __init__(self, vad: Vad, recogniser: Recogniser, voice: Voice, endpoint: Endpoint | None = None) -> None:
        self.vad = vad
        self.recogniser = recogniser
        self.voice = voice
        self.lessons = Lessons(recogniser, by_state=endpoint is None)
        self._endpoint = endpoint
        self._client: httpx.AsyncClient | None = new_client(endpoint) if endpoint else None

    @classmethod
    async def start(cls, *, sessions: int, endpoint: Endpoint | None = None) -> Self:
        """Load everything, for so many ``sessions`` at a time. RecogniserError or VoiceError if something is missing.

        With ``endpoint``, the dialogues are those of the language model there.
        """
        async with AsyncExitStack() as undo:
            vad = Vad()
            undo.push_async_callback(vad.close)
            await vad.start()
            decoders = max(LEAST_DECODERS, sessions // SESSIONS_PER_DECODER)
            recogniser = SphinxRecogniser(decoders=decoders, threads=max(LEAST_THREADS, os.cpu_count() or 1))
            undo.push_async_callback(recogniser.close)
            await recogniser.start()
            voice = EspeakVoice()
            undo.callback(voice.close)
            faculties = cls(vad, recogniser, voice, endpoint)
            undo.pop_all()
        return faculties

    def dialogue(self, role: Role, domain: Domain | None = None) -> Dialogue:
        """Somebody to talk to, for one session. ``domain``: the role's, from its lesson."""
        if self._endpoint is not None and self._client is not None:
            return Chat(role, self._endpoint, self._client)
        return Rules(role, domain=domain)

    async def close(self) -> None:
        """Let go of everything. Sessions that are open fail."""
        await self.lessons.close()
        if self._client is not None:
            await self._client.aclose()
        await self.vad.close()
        await self.recogniser.close()
        self.voice.close()
