"""Pipecat in its documented Twilio form; runs in an environment of its own (``pipecat.lock.txt``).

FastAPIWebsocketTransport with TwilioFrameSerializer, PipelineParams at 8 kHz, OpenAIRealtimeLLMService between the two
context aggregators, and the greeting that ``on_client_connected`` asks for: the pipeline that ``pipecat init`` writes
for Twilio and a realtime service (1.14.0), with three changes. Turns are detected by the server and there is no local
voice detector, its metrics are off, and so are its debug logs; all three make it cheaper. The server is uvicorn with
uvloop and httptools, which it takes by itself where they are installed, as ``uvicorn[standard]`` does in production.

    out/bench/pipecat/bin/python benchmarks/peers/pipecat_bot.py --port 9000 --engine-url ws://127.0.0.1:9001/v1/realtime
"""

import argparse
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket
from loguru import logger
from pipecat.frames.frames import LLMRunFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    SessionProperties,
    TurnDetection,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

app = FastAPI()


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/twilio/voice")
async def voice(request: Request) -> Response:
    url = f"ws://{request.headers['host']}/ws"
    twiml = f'<?xml version="1.0"?><Response><Connect><Stream url="{url}"/></Connect></Response>'
    return Response(twiml, media_type="text/xml")


@app.websocket("/ws")
async def stream(websocket: WebSocket) -> None:
    await websocket.accept()
    _, call = await parse_telephony_websocket(websocket)
    serializer = TwilioFrameSerializer(
        stream_sid=call["stream_id"],
        call_sid=call["call_id"],
        params=TwilioFrameSerializer.InputParams(auto_hang_up=False),  # there is no REST API to hang up through
    )
    transport = FastAPIWebsocketTransport(
        websocket=websocket,
        params=FastAPIWebsocketParams(
            audio_in_enabled=True, audio_out_enabled=True, add_wav_header=False, serializer=serializer
        ),
    )
    properties = SessionProperties(audio=AudioConfiguration(input=AudioInput(turn_detection=TurnDetection())))
    llm = OpenAIRealtimeLLMService(
        api_key="key",
        base_url=app.state.engine_url,
        settings=OpenAIRealtimeLLMService.Settings(
            session_properties=properties, system_instruction="You are a friendly assistant."
        ),
    )
    context = LLMContext([{"role": "developer", "content": "Start by concisely introducing yourself."}])
    user_aggregator, assistant_aggregator = LLMContextAggregatorPair(context)
    pipeline = Pipeline([transport.input(), user_aggregator, llm, transport.output(), assistant_aggregator])
    worker = PipelineWorker(
        pipeline, params=PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000), idle_timeout_secs=None
    )
    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)

    @transport.event_handler("on_client_connected")
    async def on_client_connected(transport: Any, client: Any) -> None:
        await worker.queue_frames([LLMRunFrame()])

    @transport.event_handler("on_client_disconnected")
    async def on_client_disconnected(transport: Any, client: Any) -> None:
        await runner.cancel()

    await runner.run()


def main() -> None:
    parser = argparse.ArgumentParser(description="Pipecat, for comparison.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--engine-url", required=True)
    options = parser.parse_args()
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    app.state.engine_url = options.engine_url
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
