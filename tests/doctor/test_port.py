import errno
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from offhook.doctor.finding import Verdict
from offhook.doctor.port import is_running, port_free

Serve = Callable[..., Awaitable[Any]]


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_free_port_is_well_and_stays_free(closed_port: int) -> None:
    for _ in range(2):
        finding = port_free("127.0.0.1", closed_port, running=False)
        assert (finding.verdict, finding.detail) == (Verdict.OK, f"127.0.0.1:{closed_port} is free")


def test_port_0_takes_any() -> None:
    assert port_free("127.0.0.1", 0, running=False).verdict is Verdict.OK


def test_a_port_in_use_fails(busy_port: int) -> None:
    finding = port_free("127.0.0.1", busy_port, running=False)
    assert (finding.verdict, finding.detail) == (Verdict.FAILED, f"127.0.0.1:{busy_port} is used by another program")
    assert finding.remedy == "set OFFHOOK_PORT to another port"


def test_a_port_in_use_by_offhook_is_well(busy_port: int) -> None:
    assert port_free("127.0.0.1", busy_port, running=True).verdict is Verdict.OK


def test_an_address_of_another_machine_fails(closed_port: int) -> None:
    # RFC 5737: an address for documentation, on no machine.
    finding = port_free("192.0.2.1", closed_port, running=False)
    assert (finding.verdict, finding.detail) == (Verdict.FAILED, "192.0.2.1 is no address of this machine")


def test_a_name_that_nobody_knows_fails() -> None:
    assert "was not found" in port_free("nowhere.invalid", 8000, running=False).detail


def test_a_port_that_needs_rights_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests may run with those rights, so the refusal is made here.
    def refuse(*_: object) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(socket.socket, "bind", refuse)
    finding = port_free("127.0.0.1", 443, running=False)
    assert finding.verdict is Verdict.FAILED
    assert finding.remedy == "set OFFHOOK_PORT to 1024 or more"


async def test_offhook_is_known_by_its_health(serve: Serve) -> None:
    server = await serve("200 OK", {"service": "offhook", "status": "ok"})
    assert await is_running("127.0.0.1", server.port, 5)
    assert await is_running("0.0.0.0", server.port, 5), "what listens everywhere is asked on loopback"
    assert server.requests[0].startswith("GET /healthz HTTP/1.1\r\n")


async def test_another_program_is_not_offhook(serve: Serve) -> None:
    for body in ("hello", {"status": "ok"}, ["offhook"]):
        server = await serve("200 OK", body)
        assert not await is_running("127.0.0.1", server.port, 5)


async def test_a_silent_or_closed_port_is_not_offhook(serve: Serve, closed_port: int) -> None:
    silent = await serve()
    assert not await is_running("127.0.0.1", silent.port, 0.1)
    assert not await is_running("127.0.0.1", closed_port, 5)
    assert not await is_running("127.0.0.1", 0, 5)
