"""What stands behind the floor: a server of Media Streams that answers by itself.

It says over HTTP where the stream is (through the relay), takes callers' frames without looking into them, and sends
sound at real pace, and marks, in the very messages that Offhook writes. So the relay carries what Offhook carries on
the callers' side, once, and reads none of it.

    python -m benchmarks.peers.answerer --port 9001 --figures-port 9002 --pattern full --stream-port 9003
"""

import argparse
import asyncio
import signal
from typing import Final

import msgspec
import uvloop
from fastapi import FastAPI, Response
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server

from benchmarks.talk import CYCLE_FRAMES, FRAME_BYTES, FRAME_MS, REPLY_FRAMES, Pattern
from offhook.loadtest.far_end.gauges import Gauges, SessionGauge
from offhook.loadtest.far_end.tones import chime, chime_hz
from offhook.loadtest.twilio.api_server import ApiServer
from offhook.loadtest.twilio.clock import Clock
from offhook.wires.twilio_media import ReplyWriter

MARK_EVERY_FRAMES: Final = 10
"""As Offhook does: a mark for every 200 ms, which callers echo."""

MEDIA: Final = b'{"event":"media"'


class Answer(WSListener):
    """One stream."""

    def __init__(self, pattern: Pattern, clock: Clock, gauges: Gauges, number: int) -> None:
        self._clock = clock
        self._gauge = SessionGauge(gauges)
        self._heard_ms = 0.0
        self._says = REPLY_FRAMES if pattern is Pattern.LIGHT else CYCLE_FRAMES
        self._ticks = number * 67 % CYCLE_FRAMES
        self._writer: ReplyWriter | None = None
        self._message = b""
        self._said = 0
        self._transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
            return
        payload = frame.get_payload_as_bytes()
        if payload.startswith(MEDIA):
            self._heard_ms += FRAME_MS
            self._gauge.heard(self._heard_ms, is_loud=False)
            return
        message = msgspec.json.decode(payload)
        if message["event"] == "start":
            self._writer = ReplyWriter(message["streamSid"])
            self._message = self._writer.media(chime(chime_hz(0), FRAME_MS)[:FRAME_BYTES])
            self._clock.start(self)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._clock.stop(self)
        self._transport = None
        self._gauge.left()

    def on_tick(self, at: float, now: float) -> None:
        if self._transport is not None and self._ticks % CYCLE_FRAMES < self._says:
            self._transport.send(WSMsgType.TEXT, self._message)
            self._gauge.said_late(at, FRAME_MS)
            self._said += 1
            if self._said % MARK_EVERY_FRAMES == 0 and self._writer is not None:
                self._transport.send(WSMsgType.TEXT, self._writer.mark(str(self._said * FRAME_MS)))
        self._ticks += 1


async def _serve(port: int, figures_port: int, pattern: Pattern, stream_port: int) -> None:
    gauges, clock = Gauges(), Clock()
    twiml = f'<Response><Connect><Stream url="ws://127.0.0.1:{stream_port}/stream"/></Connect></Response>'
    app = FastAPI(openapi_url=None)
    app.get("/figures")(lambda: gauges.to_json())
    app.post("/twilio/voice")(lambda: Response(twiml, media_type="text/xml"))
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    server = await ws_create_server(
        lambda request: Answer(pattern, clock, gauges, gauges.sessions), "127.0.0.1", port, read_buffer_init_size=4096
    )
    async with ApiServer(app, "127.0.0.1", figures_port):
        await ended.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--figures-port", type=int, required=True)
    parser.add_argument("--pattern", type=Pattern, required=True)
    parser.add_argument("--stream-port", type=int, required=True, help="where callers are sent: the relay")
    options = parser.parse_args()
    uvloop.run(_serve(options.port, options.figures_port, options.pattern, options.stream_port))


if __name__ == "__main__":
    main()
