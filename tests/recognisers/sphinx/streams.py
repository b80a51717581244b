"""Asking streams, and waiting for what threads do."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from offhook.errors import RecogniserError
from offhook.recognisers.port import Heard
from offhook.recognisers.sphinx.recogniser import SphinxRecogniser
from offhook.recognisers.sphinx.utterance import Utterance
from offhook.recognisers.vocabulary import Vocabulary

HELLO = Vocabulary(["hello"], small_talk=False)
SOUND = b"\xa0\x0f" * 2400
"""300 ms, loud."""

Started = Callable[..., Awaitable[SphinxRecogniser]]


async def answer(stream: Utterance) -> Heard:
    return await asyncio.wait_for(stream.finish(), 10)


async def failure(stream: Utterance) -> str | None:
    with pytest.raises(RecogniserError) as failed:
        await answer(stream)
    return failed.value.code


async def until(so: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not so():  # noqa: ASYNC110 (threads tell the loop nothing of this)
            await asyncio.sleep(0.002)
