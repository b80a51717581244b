"""Waiting for something to come true, for what tells nobody when it does."""

import asyncio
from collections.abc import Callable

EVERY_S = 0.01


async def eventually(condition: Callable[[], object], within_s: float = 5.0) -> None:
    """Return as soon as it holds; AssertionError if it does not within that time."""
    for _ in range(round(within_s / EVERY_S)):
        if condition():
            return
        await asyncio.sleep(EVERY_S)
    raise AssertionError(f"it did not come true within {within_s:g} s")
