"""Run a far end for a gateway to be pointed at: ``python -m offhook.loadtest.far_end --port 8765``.

With ``--paced talk`` or ``--paced all-the-time`` it is the far end of a load test: sound comes at real pace, in deltas
of 20 ms, served the short way, and what was seen is told at ``GET /stats`` and, at the end, in ``--stats-file``.
"""

import argparse
import asyncio
import gc
import json
import signal
import sys
from pathlib import Path
from typing import Final

import uvloop

from offhook.errors import OffhookError
from offhook.loadtest.far_end import load_script
from offhook.loadtest.far_end.gauges import Gauges
from offhook.loadtest.far_end.recordings import read_replies
from offhook.loadtest.far_end.script import Reply, Script
from offhook.loadtest.far_end.server import FarEnd
from offhook.loadtest.far_end.stats_page import StatsPage

TALK: Final = "talk"
ALL_THE_TIME: Final = "all-the-time"

_CHIMES = tuple(Reply(text) for text in ("I see.", "Tell me more.", "That can be done.", "Anything else?"))


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Return the exit code: 2 if the replies cannot be read, or the port not be had."""
    given = _parser().parse_args(arguments)
    try:
        if given.paced:
            uvloop.run(_serve_load(given))
            return 0
        greeting, replies = read_replies(given.replies) if given.replies else (Reply("Hello."), _CHIMES)
        script = Script(
            greeting=greeting,
            replies=replies,
            pace=given.pace,
            think_ms=300.0 if given.think_ms is None else given.think_ms,
        )
        asyncio.run(_serve(FarEnd(script, api_key=given.api_key, host=given.host, port=given.port)))
    except (OffhookError, OSError, ValueError) as error:
        print(f"far end: {error}", file=sys.stderr)
        return 2
    return 0


async def _serve(far_end: FarEnd) -> None:
    stopped = _on_signal()
    async with far_end:
        print(f"Serving {far_end.url}\nPoint a gateway at it:")
        print(
            f"  OFFHOOK_ENGINE=openai OFFHOOK_OPENAI_URL={far_end.url} OFFHOOK_OPENAI_API_KEY=x offhook serve",
            flush=True,
        )
        await stopped.wait()
    print(f"{len(far_end.sessions)} sessions, {sum(s.turns for s in far_end.sessions)} turns of callers")


async def _serve_load(given: argparse.Namespace) -> None:
    stopped, gauges, talks = _on_signal(), Gauges(), given.paced == TALK
    script = (
        load_script.turns(load_script.THINK_MS if given.think_ms is None else given.think_ms)
        if talks
        else load_script.all_the_time()
    )
    far_end = FarEnd(script, api_key=given.api_key, host=given.host, port=given.port, hears_turns=talks, gauges=gauges)
    async with far_end, StatsPage(gauges.to_json, given.host, given.stats_port) as page:
        # What lives now lives to the end, and need not be looked through again and again.
        gc.collect()
        gc.freeze()
        print(json.dumps({"url": far_end.url, "stats_url": page.url}), flush=True)
        await stopped.wait()
        if given.stats_file is not None:
            given.stats_file.write_text(json.dumps(gauges.to_json()) + "\n")


def _on_signal() -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m offhook.loadtest.far_end",
        description="A scripted OpenAI Realtime server: answers every turn of a caller with the next reply.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (the default): any free one")
    parser.add_argument(
        "--replies", type=Path, metavar="FOLDER", help="WAV files to answer with, in order of their names"
    )
    parser.add_argument("--pace", type=float, default=4.0, help="multiples of real time; 0: all at once (default 4)")
    parser.add_argument(
        "--think-ms", type=float, help="before the first sound of a reply (default 300; 200 with --paced talk)"
    )
    parser.add_argument(
        "--paced", choices=(TALK, ALL_THE_TIME), help="for load: replies of 1.5 s, or one that never ends"
    )
    parser.add_argument("--stats-port", type=int, default=0, help="with --paced: of GET /stats; 0: any free one")
    parser.add_argument("--stats-file", type=Path, metavar="FILE", help="with --paced: written when it is stopped")
    parser.add_argument("--api-key", help="refuse all others")
    return parser


if __name__ == "__main__":
    sys.exit(main())
