import asyncio
import socket
import threading
from typing import Any

import pytest

from offhook.doctor.lookup import LookupLoop


def test_names_are_looked_up() -> None:
    async def look() -> list[Any]:
        return await asyncio.get_running_loop().getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)

    with asyncio.Runner(loop_factory=LookupLoop) as runner:
        assert any(address[4][0] in ("127.0.0.1", "::1") for address in runner.run(look()))


def test_an_unknown_name_is_an_error() -> None:
    async def look() -> None:
        await asyncio.get_running_loop().getaddrinfo("nowhere.invalid", 80)

    with asyncio.Runner(loop_factory=LookupLoop) as runner, pytest.raises(socket.gaierror):
        runner.run(look())


def test_a_silent_name_server_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, answered = threading.Event(), threading.Event()

    def silent(*_: object) -> list[Any]:
        answer.wait(10)
        answered.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)

    async def look() -> None:
        async with asyncio.timeout(0.05):
            await asyncio.get_running_loop().getaddrinfo("slow.example.com", 80)

    with asyncio.Runner(loop_factory=LookupLoop) as runner, pytest.raises(TimeoutError):
        runner.run(look())

    assert not answered.is_set(), "the loop is closed while the name server is still silent"
    answer.set()
    assert answered.wait(10)
