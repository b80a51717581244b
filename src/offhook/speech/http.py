"""What the server answers over HTTP: ``POST /v1/audio/speech`` as OpenAI has it, the voices, and if it is well.

https://platform.openai.com/docs/api-reference/audio/createSpeech. The whole of the sound is made before the first byte
goes out, which takes 2 ms for a second of it, so that a WAV file tells its true length.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Receive, Scope, Send

from offhook.errors import VoiceError
from offhook.telemetry.logs import get_logger
from offhook.voices.encodings import speech_encoding
from offhook.voices.port import MAX_SPEED, MAX_TEXT_CHARS, MIN_SPEED, Voice

_log = get_logger(__name__)

AT_ONCE: Final = 8
"""Texts that are spoken, and sent, at a time; more wait. The sound of the longest is 13 MB."""

SEND_WITHIN_S: Final = 20.0
PIECE_BYTES: Final = 64 * 1024

_FIELDS: Final = {"text": "input"}
"""What a request calls a field that a voice knows by another name."""


class _Sound(Response):
    """A body that is sent in pieces, and keeps its place until it is sent. Who reads too slowly is cut."""

    def __init__(self, sound: bytes, content_type: str, places: asyncio.Semaphore) -> None:
        super().__init__(sound, media_type=content_type)
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sound = bytes(self.body)
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                for at in range(0, len(sound), PIECE_BYTES):
                    rest = at + PIECE_BYTES < len(sound)
                    await send({"type": "http.response.body", "body": sound[at : at + PIECE_BYTES], "more_body": rest})
        except TimeoutError:
            _log.warning("somebody reads too slowly, and is cut", bytes=len(sound))
        finally:
            self._places.release()


class _VoiceId(BaseModel):
    id: str = Field(max_length=100)


class SpeechRequest(BaseModel):
    """``model`` and ``instructions`` are taken without effect: there is one voice engine, and it does not act."""

    model_config = ConfigDict(extra="forbid")

    input: str = Field(min_length=1, max_length=MAX_TEXT_CHARS)
    voice: Annotated[str, Field(max_length=100)] | _VoiceId
    model: str = Field(default="local", max_length=100)
    response_format: str | None = Field(default=None, max_length=20)
    speed: float = Field(default=1.0, ge=MIN_SPEED, le=MAX_SPEED)
    instructions: str = Field(default="", max_length=4096)
    stream_format: Literal["audio"] = "audio"


def speech_routes(voice: Voice, admits: Callable[[Request], bool], sessions: Callable[[], int]) -> APIRouter:
    """``admits`` says who may have the voice; ``sessions`` how many there are."""
    router = APIRouter()
    places = asyncio.Semaphore(AT_ONCE)

    @router.post("/v1/audio/speech")
    async def speak(wanted: SpeechRequest, request: Request) -> Response:
        """Speak a text."""
        if not admits(request):
            return _refused(401, "Incorrect API key provided.", code="invalid_api_key")
        name = wanted.voice if isinstance(wanted.voice, str) else wanted.voice.id
        try:
            encoding = speech_encoding(wanted.response_format)
        except VoiceError as error:
            return _refused(400, error.reason, param=error.field)
        await places.acquire()
        try:
            sound = await voice.speak_all(wanted.input, voice=name, rate_hz=encoding.format.rate_hz, speed=wanted.speed)
        except VoiceError as error:
            places.release()
            field = _FIELDS.get(error.field or "", error.field)
            status = 400 if field else 503 if error.retryable else 500
            return _refused(status, error.reason, param=field)
        except BaseException:
            places.release()
            raise
        return _Sound(encoding.whole(sound), encoding.content_type, places)

    @router.get("/v1/audio/voices")
    async def voices() -> dict[str, Any]:
        """What ``voice`` may be."""
        return {
            "voices": [
                {"id": each.name, "language": each.language, "description": each.description} for each in voice.voices()
            ]
        }

    @router.get("/healthz")
    async def healthz() -> dict[str, Any]:
        """This process answers."""
        return {"status": "ok", "service": "offhook speech", "sessions": sessions()}

    return router


def error_body(message: str, *, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    """An error as OpenAI's have it."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def _refused(status: int, message: str, *, code: str | None = None, param: str | None = None) -> JSONResponse:
    return JSONResponse(error_body(message, code=code, param=param), status_code=status)
