"""The process that serves speech: until a signal, or the end of the process that started it."""

import asyncio
import signal
import socket
import sys
from functools import partial
from typing import Final

import uvloop

from offhook.settings import Settings
from offhook.speech import lifeline
from offhook.speech.server import SpeechServer, endpoint_of
from offhook.telemetry.logs import get_logger

SWITCH_S: Final = 0.0005
"""A thread that wants the interpreter waits so long for one that computes. Vocabularies are written as callers speak,
for a second each: with Python's 5 ms the loop falls behind."""

_log = get_logger(__name__)


def serve(listener: socket.socket, settings: Settings) -> None:
    """Serve on ``listener``, which the supervisor made. RecogniserError or VoiceError if something is missing."""
    sys.setswitchinterval(SWITCH_S)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(listener, settings))


async def _serve(listener: socket.socket, settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    lifeline.watch(partial(loop.call_soon_threadsafe, stopped.set))
    server = SpeechServer(
        listener=listener,
        sessions=settings.speech_sessions,
        api_key=settings.speech_api_key.get_secret_value() if settings.speech_api_key else None,
        endpoint=endpoint_of(settings),
    )
    async with server:
        _log.info("speech is served", url=server.url, sessions=settings.speech_sessions, model=settings.llm_model)
        await stopped.wait()
