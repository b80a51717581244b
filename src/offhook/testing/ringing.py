"""A call in sound, at real pace, through a real gateway: what the agent's callers will hear, and how they are heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from offhook.agents.agent import Agent
from offhook.calls.call import Call
from offhook.engines.local import LOCAL
from offhook.loadtest.twilio import LineEndedError
from offhook.settings import read_settings
from offhook.settings.load import Origin
from offhook.testing.caller import CALLER, DIALLED, NotAsScripted
from offhook.testing.callers_voice import VOICE, CallersVoice
from offhook.testing.floor import Floor
from offhook.testing.speech import SHARED, SpeechAddress
from offhook.testing.spoken_caller import SpokenCaller
from offhook.testing.telephone import telephone

THROUGH_WITHIN_S: Final = 15.0
"""From dialling to the media stream."""

ENGINE_WITHIN_S: Final = 20.0
"""A speech server that has just been started, on a machine that is busy with tests, may take its time."""

_KEPT: Final = ("openai_",)
"""Settings that are the user's own, where an engine in a cloud answers."""


@asynccontextmanager
async def phone_call(
    agent: Agent,
    *,
    engine: str = LOCAL,
    speech_url: str | None = None,
    voice: str = VOICE,
    caller: str = CALLER,
    dialled: str = DIALLED,
    **settings: Any,
) -> AsyncIterator[SpokenCaller]:
    """Ring ``agent``, and be on the line with it until the block is left.

    ``engine`` answers, whatever the agent names: ``local`` needs nothing but offhook[local]; for others, keys are read
    from the environment and ``offhook.toml``. ``speech_url`` is a running ``offhook speech``; without it, one is
    started for all calls of this process. ``voice`` is the caller's, and ``settings`` the gateway's, such as
    ``dial_allow=["+1"]``.

    What fails in the block shows the transcript. Raises EngineError if speech cannot be served, ValidationError for a
    setting that is wrong, SettingsError and AgentError as ``offhook serve`` does, NotAsScripted if the call is not
    answered.
    """
    if speech_url is None:
        speech = await asyncio.to_thread(SHARED.address)
    else:
        speech = SpeechAddress(speech_url, settings.get("speech_api_key", ""))
    told: dict[str, Any] = {"engine_connect_seconds": ENGINE_WITHIN_S, **({} if engine == LOCAL else _own_settings())}
    told |= {"speech_url": speech.url, "speech_api_key": speech.api_key or None, **settings, "engine": engine}
    agent = replace(agent, engine=engine)
    async with telephone(agent, told) as phone, CallersVoice(speech, voice) as speaks:
        floor = Floor(greets=bool(agent.greeting), gathers=agent.digit_handler is None)
        with phone.gateway.feed.subscribe() as feed:
            line = await phone.twilio.ring(caller, dialled)
            try:
                await line.until_streaming(timeout_s=THROUGH_WITHIN_S)
            except (LineEndedError, TimeoutError) as error:
                raise NotAsScripted(f"the gateway did not answer the call: {error or 'it rang in vain'}") from None
            call = phone.gateway.switchboard.find_by_carrier(line.sid)
            assert isinstance(call, Call)
            on_the_line = SpokenCaller(agent, line, call, speaks, floor)
            following = asyncio.create_task(on_the_line.follow(feed))
            try:
                yield on_the_line
            except NotAsScripted:
                raise
            except Exception as error:
                error.add_note(on_the_line.transcript)
                raise
            finally:
                following.cancel()


def _own_settings() -> dict[str, Any]:
    reading = read_settings()
    return {
        name: getattr(reading.settings, name)
        for name, origin in reading.origins.items()
        if origin is not Origin.DEFAULT and name.startswith(_KEPT)
    }
