"""One reply: what a dialogue says and calls becomes a response."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from offhook.audio.formats import AudioFormat
from offhook.dialogue.port import Act, CallTool, Done, Words
from offhook.realtime_server.response import Events, Response
from offhook.speech.mouth import Mouth, Spoken
from offhook.telemetry.logs import get_logger
from offhook.voices.port import Voice

LONG_REPLY_CHARS = 20_000
"""What a dialogue says beyond that is not spoken: it is 20 minutes."""

_log = get_logger(__name__)


class Reply:
    """Made when a response is due; ``give`` it the acts. ``tell`` takes the events, and takes all of them."""

    def __init__(
        self,
        response: Response,
        voice: Voice,
        tell: Callable[[Events], None],
        *,
        voice_name: str,
        speed: float,
        form: AudioFormat,
    ) -> None:
        self.response = response
        self.has_read = False
        """The conversation was read: what is said from then on is not in what this reply says."""
        self._tell = tell
        self._mouth = Mouth(voice, self._speak, name=voice_name, speed=speed, form=form)
        self._chars = 0

    @property
    def spoken(self) -> Spoken:
        """Which word stands where in the sound."""
        return self._mouth.spoken

    async def give(self, acts: AsyncGenerator[Act, None], new_call_id: Callable[[str], str | None]) -> None:
        """Speak and call until the acts are done. VoiceError if there is no voice; the response is open then.

        ``new_call_id`` is asked for the id of each call, beginning with the one that the dialogue gave it.
        """
        calls: list[CallTool] = []
        is_cut = False
        async with aclosing(acts):
            async for act in acts:
                match act:
                    case Words(text):
                        is_cut = self._chars + len(text) > LONG_REPLY_CHARS
                        self._say(text[: LONG_REPLY_CHARS - self._chars])
                        if is_cut:
                            break
                    case CallTool():
                        calls.append(act)
                    case Done(error=error, cut=cut):
                        is_cut = cut
                        if error is not None:
                            _log.warning("a reply failed", reason=str(error))
        self._mouth.close()
        await self._mouth.quiet
        for call in calls:
            self._tell(self.response.call(call.name, call.arguments, new_call_id(call.call_id)))
        self._tell(self.response.stop_short("max_output_tokens") if is_cut else self.response.complete())

    def cancel(self, reason: str) -> None:
        """Be silent from here on."""
        self._mouth.shut()
        self._tell(self.response.cancel(reason))

    def fail(self, code: str, message: str) -> None:
        """Something broke on this side."""
        self._mouth.shut()
        self._tell(self.response.fail(code, message))

    def _say(self, text: str) -> None:
        self._chars += len(text)
        if not self.response.in_text:
            self._mouth.say(text)
        elif text:
            self._tell(self.response.say(text))

    def _speak(self, words: str, sound: bytes, duration_ms: float) -> None:
        self._tell(self.response.say(words, sound, duration_ms))
