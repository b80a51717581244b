"""The sample that most projects begin with: Twilio Media Streams to OpenAI Realtime with FastAPI and ``websockets``.

It is our own writing, in the shape that tutorials, starter projects and questions on forums share, to stand for what a
team has after its first week: one coroutine for each direction of each socket with a queue between, ``json`` and
``base64``, the engine at 24 kHz because its default is linear sound, and each conversion in ``asyncio.to_thread`` "so
that the loop is not blocked". It handles an interruption with ``clear`` and a truncation, keeps no account of marks
beyond a count, and has no limits. It is run as such samples are: uvicorn with its defaults, here with uvloop.

With ``--pass-through`` it is the same application after somebody has found out that the engine takes µ-law: sound goes
through as it came, in base64, with no resampling and no thread.

    python -m benchmarks.peers.usual_sample --port 9000 --engine-url ws://127.0.0.1:9001/v1/realtime
"""

import argparse
import asyncio
import base64
import json
import warnings
from typing import Any, ClassVar

import numpy as np
import uvicorn
import websockets
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

app = FastAPI()


class Upward:
    """µ-law at 8 kHz to linear at 24 kHz."""

    def __init__(self) -> None:
        self._state: Any = None

    def convert(self, ulaw: bytes) -> bytes:
        linear, self._state = audioop.ratecv(audioop.ulaw2lin(ulaw, 2), 2, 1, 8000, 24000, self._state)
        return linear


class Downward:
    """Linear at 24 kHz to µ-law at 8 kHz: the mean of every three samples."""

    def convert(self, linear: bytes) -> bytes:
        samples = np.frombuffer(linear, dtype="<i2")
        thirds = samples[: len(samples) // 3 * 3].reshape(-1, 3).mean(axis=1)
        return audioop.lin2ulaw(thirds.astype("<i2").tobytes(), 2)


class Resampling:
    """The engine's default: linear at 24 kHz. Payloads are base64."""

    format: ClassVar[dict[str, Any]] = {"type": "audio/pcm", "rate": 24000}

    def __init__(self) -> None:
        self._upward = Upward()
        self._downward = Downward()

    async def up(self, payload: str) -> str:
        sound = await asyncio.to_thread(self._upward.convert, base64.b64decode(payload))
        return base64.b64encode(sound).decode()

    async def down(self, delta: str) -> str:
        sound = await asyncio.to_thread(self._downward.convert, base64.b64decode(delta))
        return base64.b64encode(sound).decode()


class PassingThrough:
    """µ-law on both sides."""

    format: ClassVar[dict[str, Any]] = {"type": "audio/pcmu"}

    async def up(self, payload: str) -> str:
        return payload

    async def down(self, delta: str) -> str:
        return delta


class Session:
    """One call: four coroutines, two queues."""

    def __init__(self, twilio: WebSocket, engine: Any, sound: Resampling | PassingThrough) -> None:
        self.twilio = twilio
        self.engine = engine
        self.stream_sid: str | None = None
        self.to_engine: asyncio.Queue[str] = asyncio.Queue()
        self.to_twilio: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sound = sound
        self.latest_timestamp_ms = 0
        self.reply_began_ms: int | None = None
        self.reply_item: str | None = None
        self.marks: list[str] = []

    async def hear_twilio(self) -> None:
        async for text in self.twilio.iter_text():
            message = json.loads(text)
            if message["event"] == "media":
                self.latest_timestamp_ms = int(message["media"]["timestamp"])
                self.to_engine.put_nowait(message["media"]["payload"])
            elif message["event"] == "start":
                self.stream_sid = message["start"]["streamSid"]
            elif message["event"] == "mark":
                if self.marks:
                    self.marks.pop(0)
            elif message["event"] == "stop":
                return

    async def tell_engine(self) -> None:
        while True:
            audio = await self.sound.up(await self.to_engine.get())
            event = {"type": "input_audio_buffer.append", "audio": audio}
            await self.engine.send(json.dumps(event))

    async def hear_engine(self) -> None:
        async for text in self.engine:
            event = json.loads(text)
            if event["type"] == "response.output_audio.delta":
                payload = await self.sound.down(event["delta"])
                if self.reply_began_ms is None:
                    self.reply_began_ms = self.latest_timestamp_ms
                self.reply_item = event["item_id"]
                self.to_twilio.put_nowait({"event": "media", "media": {"payload": payload}})
                self.to_twilio.put_nowait({"event": "mark", "mark": {"name": "part"}})
                self.marks.append("part")
            elif event["type"] == "input_audio_buffer.speech_started":
                await self.cut_reply()

    async def cut_reply(self) -> None:
        if self.marks and self.reply_began_ms is not None:
            truncate = {
                "type": "conversation.item.truncate",
                "item_id": self.reply_item,
                "content_index": 0,
                "audio_end_ms": self.latest_timestamp_ms - self.reply_began_ms,
            }
            await self.engine.send(json.dumps(truncate))
            self.to_twilio.put_nowait({"event": "clear"})
        self.marks.clear()
        self.reply_item = self.reply_began_ms = None

    async def tell_twilio(self) -> None:
        while True:
            message = await self.to_twilio.get()
            await self.twilio.send_text(json.dumps({**message, "streamSid": self.stream_sid}))


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/twilio/voice")
async def voice(request: Request) -> Response:
    url = f"ws://{request.headers['host']}/media-stream"
    twiml = f'<?xml version="1.0"?><Response><Connect><Stream url="{url}"/></Connect></Response>'
    return Response(twiml, media_type="text/xml")


@app.websocket("/media-stream")
async def media_stream(twilio: WebSocket) -> None:
    await twilio.accept()
    headers = {"Authorization": "Bearer key"}
    async with websockets.connect(f"{app.state.engine_url}?model=gpt-realtime", additional_headers=headers) as engine:
        sound = PassingThrough() if app.state.passes_through else Resampling()
        hearing = {"format": sound.format, "turn_detection": {"type": "server_vad"}}
        setup = {"type": "realtime", "audio": {"input": hearing, "output": {"format": sound.format}}}
        await engine.send(json.dumps({"type": "session.update", "session": setup}))
        await engine.send(json.dumps({"type": "response.create"}))
        session = Session(twilio, engine, sound)
        tasks = [
            asyncio.create_task(work())
            for work in (session.hear_twilio, session.tell_engine, session.hear_engine, session.tell_twilio)
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                    print(f"a call failed: {outcome!r}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="The usual sample.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--engine-url", required=True)
    parser.add_argument("--pass-through", action="store_true", help="µ-law as it comes: no resampling, no thread")
    options = parser.parse_args()
    app.state.passes_through = options.pass_through
    app.state.engine_url = options.engine_url
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
