"""The caller's voice: a line of text in, the sound of a telephone out. Spoken by a speech server."""

from types import TracebackType
from typing import Final, Self

import httpx

from offhook.audio.g711 import audioop, pcm16_to_pcmu, pcmu_to_pcm16
from offhook.errors import VoiceError
from offhook.testing.speech import SpeechAddress

VOICE: Final = "echo"
"""Of the voices in the box the one that a telephone recogniser understands best."""

QUIETER_BY: Final = 0.4
"""The server speaks at -20 dBFS. Callers are quieter: -28 dBFS is near what networks are planned for (-26 dBov, the
nominal level of ITU-T G.100.1), and what the recogniser in the box understands best."""

SPOKEN_WITHIN_S: Final = 10.0


class CallersVoice:
    """Speaks as ``voice``, a name of the server's, while its block is entered."""

    def __init__(self, server: SpeechAddress, voice: str = VOICE) -> None:
        self._voice = voice
        headers = {"Authorization": f"Bearer {server.api_key}"} if server.api_key else {}
        # Reading the certificate store takes a while, and most servers are on this machine.
        encrypted = server.http_url.startswith("https")
        self._http = httpx.AsyncClient(
            base_url=server.http_url, headers=headers, timeout=SPOKEN_WITHIN_S, verify=encrypted, trust_env=encrypted
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def sound_of(self, line: str, voice: str | None = None) -> bytes:
        """Return ``line`` in µ-law, 8 kHz. VoiceError if it cannot be spoken."""
        wanted = {"input": line, "voice": voice or self._voice, "response_format": "pcmu"}
        try:
            answer = await self._http.post("/v1/audio/speech", json=wanted)
        except httpx.HTTPError as error:
            raise VoiceError(f"the speech server does not answer: {error or type(error).__name__}") from error
        if not answer.is_success:
            raise VoiceError(f"the speech server does not say {line!r:.80}: {answer.text[:500]}")
        return pcm16_to_pcmu(audioop.mul(pcmu_to_pcm16(answer.content), 2, QUIETER_BY))
