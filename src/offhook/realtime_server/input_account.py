"""How much sound a client appended, and how much of it is not yet part of a turn. The sound itself is not here."""

from typing import Final

from offhook.audio.formats import AudioFormat
from offhook.realtime_server.refusal import EventError

LEAST_COMMIT_MS: Final = 100
"""A turn that the client takes itself is at least so long."""


class InputAccount:
    """The input audio buffer, in figures. Sound counts in the format that holds when it comes."""

    def __init__(self, form: AudioFormat) -> None:
        self.chunks = 0
        """Appends so far."""
        self.size_bytes = 0
        """Of all of them."""
        self.duration_ms = 0.0
        """Of all of them: the session's position, in the protocol's audio_start_ms and audio_end_ms."""
        self.uncommitted_ms = 0.0
        """Appended since the last turn was taken, or the buffer cleared."""
        self._format = form

    def configure(self, form: AudioFormat) -> None:
        """From now on sound comes in this format."""
        self._format = form

    def append(self, size_bytes: int) -> None:
        """So many bytes came."""
        duration_ms = self._format.duration_ms(size_bytes)
        self.chunks += 1
        self.size_bytes += size_bytes
        self.duration_ms += duration_ms
        self.uncommitted_ms += duration_ms

    def turn_ended(self) -> None:
        """Turn detection took a turn: what was appended so far is spent."""
        self.uncommitted_ms = 0.0

    def commit(self) -> float:
        """The client takes the turn itself. Return its length in ms; EventError if that is (nearly) none."""
        duration_ms = self.uncommitted_ms
        if duration_ms < LEAST_COMMIT_MS:
            raise EventError(
                "input_audio_buffer_commit_empty",
                "Error committing input audio buffer: buffer too small. "
                f"Expected at least {LEAST_COMMIT_MS}ms of audio, but buffer only has {duration_ms:.2f}ms of audio.",
            )
        self.clear()
        return duration_ms

    def clear(self) -> None:
        """Forget what was appended and not committed."""
        self.uncommitted_ms = 0.0
