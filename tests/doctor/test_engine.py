import asyncio
import json
import shutil
import ssl
import subprocess
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as serve_websocket

from offhook.doctor.engine import engine_reachable
from offhook.doctor.finding import Verdict
from offhook.settings import Settings

Serve = Callable[..., Awaitable[Any]]
KEY = SecretStr("sk-the-key-that-is-right")
CREATED = json.dumps({"type": "session.created", "session": {}})


def settings(port: int, *, key: SecretStr | None = KEY, scheme: str = "ws", host: str = "127.0.0.1") -> Settings:
    return Settings(openai_url=f"{scheme}://{host}:{port}/v1/realtime", openai_api_key=key)


def engine(first: str | Iterable[str] | None) -> serve_websocket:
    """A realtime engine that greets with ``first``; None is silent."""

    async def handle(connection: ServerConnection) -> None:
        if first is not None:
            await connection.send(first)
        await connection.wait_closed()

    return serve_websocket(handle, "127.0.0.1", 0)


def port_of(server: Server) -> int:
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port


async def test_an_engine_that_opens_a_session_is_well() -> None:
    asked: dict[str, str] = {}
    closed: list[int | None] = []

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        asked["path"] = connection.request.path
        asked["authorization"] = connection.request.headers["Authorization"]
        await connection.send(CREATED)
        await connection.wait_closed()
        closed.append(connection.close_code)

    async with serve_websocket(handle, "127.0.0.1", 0) as server:
        port = port_of(server)
        finding = await engine_reachable(settings(port), 5)
    assert (finding.verdict, finding.detail) == (Verdict.OK, f"127.0.0.1:{port} opened a session")
    assert asked == {"path": "/v1/realtime?model=gpt-realtime-2", "authorization": f"Bearer {KEY.get_secret_value()}"}
    assert closed == [1000]


async def test_a_greeting_in_fragments_is_read() -> None:
    async with engine([CREATED[:10], CREATED[10:]]) as server:
        assert (await engine_reachable(settings(port_of(server)), 5)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"type": "error", "error": {"type": "invalid_request_error", "code": "invalid_api_key"}}, "accept the key"),
        ({"type": "error", "error": {"code": "model_not_found", "message": "No such model"}}, "No such model"),
        ({"type": "hello"}, "not as a realtime engine"),
        ([], "not as a realtime engine"),
    ],
)
async def test_a_refusal_may_come_as_the_first_event(event: Any, said: str) -> None:
    async with engine(json.dumps(event)) as server:
        finding = await engine_reachable(settings(port_of(server)), 5)
    assert finding.verdict is Verdict.FAILED
    assert said in finding.detail


async def test_a_greeting_that_is_not_json_fails() -> None:
    async with engine("hello") as server:
        assert (await engine_reachable(settings(port_of(server)), 5)).verdict is Verdict.FAILED


async def test_an_engine_that_says_nothing_is_a_warning() -> None:
    async with engine(None) as server:
        finding = await engine_reachable(settings(port_of(server)), 0.3)
    assert finding.verdict is Verdict.WARNING
    assert "said nothing within 0.3 s" in finding.detail


async def test_an_engine_that_hangs_up_at_once_fails() -> None:
    async def hang_up(connection: ServerConnection) -> None:
        await connection.close()

    async with serve_websocket(hang_up, "127.0.0.1", 0) as server:
        finding = await engine_reachable(settings(port_of(server)), 5)
    assert finding.verdict is Verdict.FAILED
    assert "closed it at once" in finding.detail


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("401 Unauthorized", "does not accept the key (401)"),
        ("403 Forbidden", "does not let this key use this model"),
        ("404 Not Found", "knows no such address or model"),
        ("429 Too Many Requests", "credit is used up"),
        ("500 Internal Server Error", "answers HTTP 500"),
        ("200 OK", "not as a realtime engine (HTTP 200)"),
        ("400 Bad Request", "not as a realtime engine (HTTP 400)"),
    ],
)
async def test_each_refusal_of_the_upgrade_has_its_words(serve: Serve, status: str, said: str) -> None:
    server = await serve(status, {"error": "no"})
    finding = await engine_reachable(settings(server.port), 5)
    assert finding.verdict is Verdict.FAILED
    assert said in finding.detail
    assert KEY.get_secret_value() not in f"{finding}"


async def test_an_engine_that_asks_for_a_key_we_do_not_have_is_reachable(serve: Serve) -> None:
    server = await serve("401 Unauthorized")
    finding = await engine_reachable(settings(server.port, key=None), 5)
    assert (finding.verdict, "asks for a key" in finding.detail) == (Verdict.OK, True)
    assert "Authorization" not in server.requests[0]


async def test_the_key_does_not_follow_a_redirect(serve: Serve) -> None:
    elsewhere = await serve("401 Unauthorized")
    server = await serve("302 Found", headers=f"Location: ws://127.0.0.1:{elsewhere.port}/\r\n")
    finding = await engine_reachable(settings(server.port), 5)
    assert "HTTP 302" in finding.detail
    assert elsewhere.requests == []


async def test_a_server_that_does_not_speak_http_fails(serve: Serve) -> None:
    server = await serve(raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n")
    finding = await engine_reachable(settings(server.port), 5)
    assert finding.verdict is Verdict.FAILED
    assert "not as a realtime engine" in finding.detail


async def test_silence_refusal_and_unknown_names_are_told_apart(serve: Serve, closed_port: int) -> None:
    silent = await serve()
    assert "no answer" in (await engine_reachable(settings(silent.port), 0.3)).detail
    assert "refused" in (await engine_reachable(settings(closed_port), 5)).detail
    assert "refused" in (await engine_reachable(settings(closed_port, host="localhost"), 5)).detail
    assert "DNS" in (await engine_reachable(settings(443, host="nowhere.invalid"), 30)).detail


async def test_a_server_without_tls_is_told() -> None:
    async def answer_in_plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer_in_plain, "127.0.0.1", 0) as server:
        finding = await engine_reachable(settings(server.sockets[0].getsockname()[1], scheme="wss"), 5)
    assert finding.verdict is Verdict.FAILED
    assert "TLS with 127.0.0.1 failed" in finding.detail


@pytest.fixture
def own_certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's context with a certificate that nobody trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("makes its certificate with openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-days", "2", "-nodes"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command = [openssl, "req", "-x509", *kind, *subject, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_a_certificate_that_is_not_trusted_is_told(own_certificate: ssl.SSLContext) -> None:
    async def handle(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve_websocket(handle, "127.0.0.1", 0, ssl=own_certificate) as server:
        finding = await engine_reachable(settings(port_of(server), scheme="wss"), 5)
    assert finding.verdict is Verdict.FAILED
    assert "the certificate of 127.0.0.1 is not trusted" in finding.detail
