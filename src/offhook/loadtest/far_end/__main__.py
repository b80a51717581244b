"""Run a far end for a gateway to be pointed at: ``python -m offhook.loadtest.far_end --port 8765``."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from offhook.errors import OffhookError
from offhook.loadtest.far_end.recordings import read_replies
from offhook.loadtest.far_end.script import Reply, Script
from offhook.loadtest.far_end.server import FarEnd

_CHIMES = tuple(Reply(text) for text in ("I see.", "Tell me more.", "That can be done.", "Anything else?"))


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Return the exit code: 2 if the replies cannot be read, or the port not be had."""
    given = _parser().parse_args(arguments)
    try:
        greeting, replies = read_replies(given.replies) if given.replies else (Reply("Hello."), _CHIMES)
        script = Script(greeting=greeting, replies=replies, pace=given.pace, think_ms=given.think_ms)
        asyncio.run(_serve(FarEnd(script, api_key=given.api_key, host=given.host, port=given.port)))
    except (OffhookError, OSError, ValueError) as error:
        print(f"far end: {error}", file=sys.stderr)
        return 2
    return 0


async def _serve(far_end: FarEnd) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with far_end:
        print(f"Serving {far_end.url}\nPoint a gateway at it:")
        print(
            f"  OFFHOOK_ENGINE=openai OFFHOOK_OPENAI_URL={far_end.url} OFFHOOK_OPENAI_API_KEY=x offhook serve",
            flush=True,
        )
        await stopped.wait()
    print(f"{len(far_end.sessions)} sessions, {sum(s.turns for s in far_end.sessions)} turns of callers")


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
    parser.add_argument("--think-ms", type=float, default=300.0, help="before the first sound of a reply (default 300)")
    parser.add_argument("--api-key", help="refuse all others")
    return parser


if __name__ == "__main__":
    sys.exit(main())
