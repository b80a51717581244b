"""The caller's voice: the speech server's own synthesiser, asked over HTTP.

So the synthesiser, which is GPL, is not loaded here; and the caller is heard as the agent is, through a telephone.
"""

from collections.abc import Sequence
from typing import Final

import httpx

from offhook.demo.failure import DemoFailed
from offhook.demo.scenario import CallerTurn

VOICE: Final = "en-us+klatt4"
"""Recognisers on telephone lines understand it best of all the synthesiser's."""


async def spoken(turns: Sequence[CallerTurn], http: httpx.AsyncClient) -> list[bytes]:
    """Each turn as µ-law. DemoFailed if the speech server will not say one of them, httpx.HTTPError if it is gone."""
    return [turn.sound or await _speak(turn.text, http) for turn in turns]


async def _speak(text: str, http: httpx.AsyncClient) -> bytes:
    wanted = {"model": "local", "input": text, "voice": VOICE, "response_format": "pcmu"}
    answer = await http.post("/v1/audio/speech", json=wanted)
    if answer.is_error:
        raise DemoFailed(f"the speech server does not say {text!r:.60}: HTTP {answer.status_code} {answer.text:.200}")
    return answer.content
