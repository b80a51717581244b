"""The far end of a run: the load test's scripted realtime server, and its figures over HTTP.

python -m benchmarks.far_end --port 9001 --figures-port 9002 --pattern full
"""

import argparse
import asyncio
import gc
import signal
from collections.abc import Callable
from typing import Any, Final

import uvloop
from fastapi import FastAPI

from benchmarks.talk import FRAME_MS, REPLY_FRAMES, Pattern
from offhook.loadtest.far_end import FarEnd, Reply, Script
from offhook.loadtest.far_end.gauges import Gauges
from offhook.loadtest.twilio.api_server import ApiServer

ROUND_MS: Final = 4000
"""Sound that is made once and repeated, where the reply has no end."""


def script(pattern: Pattern) -> Script:
    """Deltas of 20 ms at real pace: as many messages as there can be, both ways."""
    if pattern is Pattern.FULL:
        talk = Reply("talk", duration_ms=ROUND_MS, endless=True)
        return Script(greeting=talk, replies=(talk,), pace=1, delta_ms=FRAME_MS)
    answer = Reply("I see.", duration_ms=REPLY_FRAMES * FRAME_MS)
    return Script(greeting=answer, replies=(answer,), pace=1, delta_ms=FRAME_MS)


async def serve_figures(port: int, figures: Callable[[], dict[str, Any]]) -> None:
    """Answer ``GET /figures`` until this process is asked to end."""
    app = FastAPI(openapi_url=None)
    app.get("/figures")(lambda: figures())
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with ApiServer(app, "127.0.0.1", port):
        gc.collect()
        gc.freeze()
        await ended.wait()


async def _serve(port: int, figures_port: int, pattern: Pattern) -> None:
    gauges = Gauges()
    async with FarEnd(
        script(pattern), port=port, requires_model=False, hears_turns=pattern is Pattern.LIGHT, gauges=gauges
    ):
        await serve_figures(figures_port, gauges.to_json)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--figures-port", type=int, required=True)
    parser.add_argument("--pattern", type=Pattern, required=True)
    options = parser.parse_args()
    uvloop.run(_serve(options.port, options.figures_port, options.pattern))


if __name__ == "__main__":
    main()
