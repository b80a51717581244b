"""Spoken calls that are made at the same time, because each takes as long as people do, and judged one by one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

Scene = Callable[[], Awaitable[None]]


def wanted(request: pytest.FixtureRequest, parameter: str) -> set[str]:
    """The ids of those parametrised tests of the fixture's module that were chosen."""
    calls = [item.callspec for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    return {str(call.params[parameter]) for call in calls if parameter in call.params}


async def perform(scenes: Mapping[str, Scene]) -> dict[str, Exception]:
    """All of them at once; return what went wrong, by name."""
    failures: dict[str, Exception] = {}

    async def one(name: str, scene: Scene) -> None:
        try:
            await scene()
        except Exception as error:
            failures[name] = error

    await asyncio.gather(*(one(name, scene) for name, scene in scenes.items()))
    return failures
