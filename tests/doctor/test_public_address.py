from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from offhook.doctor.finding import Verdict
from offhook.doctor.public_address import public_address

Serve = Callable[..., Awaitable[Any]]


async def test_not_set_is_well() -> None:
    assert (await public_address(None, 5, running=False)).verdict is Verdict.OK


async def test_an_address_that_leads_to_offhook_is_well(serve: Serve) -> None:
    server = await serve("200 OK", {"service": "offhook", "status": "ok"})
    finding = await public_address(server.url, 5, running=True)
    assert (finding.verdict, finding.detail) == (Verdict.OK, f"{server.url} leads to Offhook")


async def test_something_else_behind_the_address_fails(serve: Serve) -> None:
    server = await serve("200 OK", "<html>")
    finding = await public_address(server.url, 5, running=True)
    assert finding.verdict is Verdict.FAILED
    assert "HTTP 200, but not as Offhook" in finding.detail


async def test_a_tunnel_without_a_gateway_behind_it_says_that_none_is_running(serve: Serve) -> None:
    server = await serve("502 Bad Gateway")
    finding = await public_address(server.url, 5, running=False)
    assert finding.verdict is Verdict.WARNING
    assert finding.detail == f"{server.url} answers HTTP 502, but not as Offhook; no gateway is running here"


async def test_a_refusal_says_that_no_gateway_is_running(closed_port: int) -> None:
    finding = await public_address(f"http://127.0.0.1:{closed_port}", 5, running=False)
    assert finding.verdict is Verdict.WARNING
    assert "refused the connection; no gateway is running here" in finding.detail


async def test_a_refusal_while_the_gateway_runs_fails(closed_port: int) -> None:
    finding = await public_address(f"http://127.0.0.1:{closed_port}", 5, running=True)
    assert finding.verdict is Verdict.FAILED


@pytest.mark.parametrize("running", [True, False])
async def test_an_unknown_name_fails_whether_the_gateway_runs_or_not(running: bool) -> None:
    finding = await public_address("https://nowhere.invalid", 30, running=running)
    assert (finding.verdict, finding.detail) == (Verdict.FAILED, "the name nowhere.invalid was not found (DNS)")


async def test_silence_is_told(serve: Serve) -> None:
    server = await serve()
    finding = await public_address(server.url, 0.2, running=True)
    assert finding.detail == f"no answer from 127.0.0.1:{server.port} within 0.2 s"
