"""The speech server that the spoken calls of a test run share: started by the first, stopped at exit.

It is a process of its own, as in production: what a recogniser takes of the processor is not taken from the call, and
the voice's library, which is GPL and written in C, is not loaded by the tests.
"""

import atexit
import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

from offhook.speech.supervisor import speech_process


@dataclass(frozen=True, slots=True)
class SpeechAddress:
    """Where a speech server is, and the key that it asks for; an empty key is not shown."""

    url: str
    """``ws://…/v1/realtime``"""
    api_key: str = ""

    @property
    def http_url(self) -> str:
        """The same server, for HTTP: without a path."""
        return self.url.replace("ws", "http", 1).removesuffix("/v1/realtime")


class SharedSpeech:
    """At most one server. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._address: SpeechAddress | None = None
        self._running = ExitStack()

    def address(self) -> SpeechAddress:
        """Where it is; it is started if it does not run, which takes two seconds. EngineError if it cannot be had."""
        with self._lock:
            if self._address is None:
                # What the environment or a file says of a key, an address or logs is for another server.
                key = secrets.token_hex(16)
                told = {
                    "OFFHOOK_SPEECH_API_KEY": key,
                    "OFFHOOK_SPEECH_HOST": "127.0.0.1",
                    "OFFHOOK_LOG_LEVEL": "warning",
                }
                self._address = SpeechAddress(self._running.enter_context(speech_process(told)), key)
                atexit.register(self.stop)
            return self._address

    def stop(self) -> None:
        """Stop it if it runs. It starts again when it is asked for."""
        with self._lock:
            self._address = None
            self._running.close()
            atexit.unregister(self.stop)


SHARED: Final = SharedSpeech()
"""Of this process. Two seconds for each call would be what makes people not test by voice."""


@contextmanager
def speech_server() -> Iterator[str]:
    """Start the shared server now, and stop it when the block is left; yields its URL. For a session's fixture.

    EngineError if it cannot be had.
    """
    try:
        yield SHARED.address().url
    finally:
        SHARED.stop()
