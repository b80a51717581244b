"""The scripts of a load test: sound at real pace, in deltas of 20 ms."""

from typing import Final

from offhook.loadtest.far_end.script import Reply, Script
from offhook.loadtest.far_end.server import FRAME_MS

REPLY_MS: Final = 1500
THINK_MS: Final = 200
ROUND_MS: Final = 10_000
"""Of an endless reply: then it begins again."""

WORDS: Final = "That can be done."


def turns(think_ms: float = THINK_MS) -> Script:
    """Greets, and answers each turn with a reply of REPLY_MS."""
    reply = Reply(WORDS, duration_ms=REPLY_MS)
    return Script(greeting=reply, replies=(reply,), delta_ms=FRAME_MS, pace=1, think_ms=think_ms)


def all_the_time() -> Script:
    """Greets, and never stops; for a server that hears no turns."""
    talk = Reply(WORDS, duration_ms=ROUND_MS, endless=True)
    return Script(greeting=talk, replies=(talk,), delta_ms=FRAME_MS, pace=1)
