"""Opening a session: what is waited for, how failures are told apart, and that none of them leaves anything open."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.engines.vendor import BRIEF, Vendor, error, realtime

from offhook.errors import EngineError
from offhook.loadtest.far_end import FarEnd, Faults, Script

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(handle: Handler) -> AsyncIterator[str]:
    """A TCP server; its address as a WebSocket URL."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/realtime"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await server.wait_closed()


def answering(answer: str) -> Handler:
    """An HTTP server with one answer to everything."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer.replace("\n", "\r\n").encode())
        await writer.drain()

    return handle


async def failure_of(url: str, within_s: float = 3) -> EngineError:
    with pytest.raises(EngineError) as failed:
        await realtime(url, within_s=within_s).open(BRIEF)
    return failed.value


# ---- ready ---------------------------------------------------------------------------------------------------------


async def test_a_session_is_not_ready_before_the_server_has_confirmed_its_set_up() -> None:
    async with Vendor(confirms=False) as vendor:
        opening = asyncio.create_task(realtime(vendor.url).open(BRIEF))
        await vendor.until("session.update")
        await vendor.say({"type": "session.created", "session": {}}, {"type": "conversation.created"})
        await vendor.settled()
        assert not opening.done()

        await vendor.say({"type": "session.updated", "session": {}})
        session = await asyncio.wait_for(opening, 2)

        session.close()
        assert [event["type"] for event in vendor.heard] == ["session.update"]


async def test_no_sound_goes_out_before_it_is_ready() -> None:
    async with Vendor(confirms=False) as vendor:
        opening = asyncio.create_task(realtime(vendor.url).open(BRIEF))
        await vendor.until("session.update")
        await vendor.say({"type": "session.updated", "session": {}})
        session = await opening
        session.hear(b"\xff" * 160)
        await vendor.until("input_audio_buffer.append")
        session.close()

        assert [event["type"] for event in vendor.heard] == ["session.update", "input_audio_buffer.append"]


# ---- who refuses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "retryable", "says"),
    [
        (400, False, "HTTP 400"),
        (401, False, "key was refused"),
        (403, False, "access was refused"),
        (404, False, "no such address or model"),
        (408, True, "HTTP 408"),
        (429, True, "too many requests"),
        (500, True, "HTTP 500"),
        (503, True, "HTTP 503"),
    ],
)
async def test_a_refused_upgrade_is_retryable_or_not_by_its_status(status: int, retryable: bool, says: str) -> None:
    async with FarEnd(Script(), faults=Faults(refuse_status=status)) as far_end:
        failure = await failure_of(far_end.url)

    assert (failure.retryable, failure.code) == (retryable, str(status))
    assert says in failure.reason
    assert far_end.url in failure.reason


async def test_a_status_that_no_table_knows_is_a_failure_like_any_other() -> None:
    async with listening(answering("HTTP/1.1 520 Web Server Returned an Unknown Error\nContent-Length: 0\n\n")) as url:
        failure = await failure_of(url)

    assert failure.retryable


async def test_a_web_page_in_place_of_a_websocket_is_fatal() -> None:
    page = "HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 15\n\n<h1>Hello!</h1>"
    async with listening(answering(page)) as url:
        failure = await failure_of(url)

    assert not failure.retryable
    assert "HTTP 200" in failure.reason


async def test_a_server_of_another_protocol_is_told_as_such() -> None:
    async with listening(answering("SSH-2.0-OpenSSH_9.6\n\n")) as url:
        failure = await failure_of(url)

    assert "does not speak WebSocket" in failure.reason


async def test_a_redirect_is_not_followed_with_our_key() -> None:
    visited: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visited.append(await reader.readuntil(b"\r\n\r\n"))

    async with listening(elsewhere) as other:
        moved = f"HTTP/1.1 302 Found\nLocation: {other}\nContent-Length: 0\n\n"
        async with listening(answering(moved)) as url:
            failure = await failure_of(url)

    assert visited == []
    assert not failure.retryable
    assert "HTTP 302" in failure.reason


async def test_a_set_up_that_the_server_refuses_is_fatal() -> None:
    async with Vendor(confirms=False) as vendor:
        opening = asyncio.create_task(failure_of(vendor.url))
        setup = await vendor.until("session.update")
        await vendor.say(error("unknown_parameter", setup["event_id"], "Unknown parameter: 'session.voice'."))
        failure = await opening

        assert not failure.retryable
        assert failure.code == "unknown_parameter"
        assert "session.voice" in failure.reason
        await asyncio.wait_for(vendor.left.wait(), 2)


async def test_an_account_without_money_is_fatal_before_the_session_is_ready_too() -> None:
    async with Vendor(confirms=False) as vendor:
        opening = asyncio.create_task(failure_of(vendor.url))
        await vendor.until("session.update")
        await vendor.say(error("insufficient_quota"))

        assert not (await opening).retryable


# ---- who cannot be reached -----------------------------------------------------------------------------------------


async def test_a_host_that_has_no_address_may_have_one_later() -> None:
    failure = await failure_of("ws://no-such-host.invalid/v1/realtime", within_s=10)

    assert failure.retryable


async def test_a_port_that_nobody_listens_on_may_be_served_later() -> None:
    async with listening(answering("")) as url:
        pass
    failure = await failure_of(url)

    assert failure.retryable
    assert "cannot be reached" in failure.reason


async def test_a_server_that_hangs_up_during_the_handshake_is_known_at_once() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with listening(hang_up) as url:
        failure = await asyncio.wait_for(failure_of(url, within_s=30), 5)

    assert failure.retryable
    assert "hung up" in failure.reason


@pytest.mark.parametrize("code", [1011, 1013, None])
async def test_a_server_that_closes_before_it_confirms_is_known_at_once(code: int | None) -> None:
    async with FarEnd(Script(), faults=Faults(close_after_replies=0, close_code=code)) as far_end:
        failure = await asyncio.wait_for(failure_of(far_end.url, within_s=30), 5)

    assert failure.retryable


# ---- who says nothing ----------------------------------------------------------------------------------------------


class Silent:
    """Takes a connection, answers nothing, and notices when it is gone."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        self.asked.set()
        try:
            await reader.read()
        finally:
            self.left.set()


@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_a_silent_server_is_given_up_in_time_and_left(scheme: str) -> None:
    silent = Silent()
    async with listening(silent) as url:
        failure = await asyncio.wait_for(failure_of(url.replace("ws:", f"{scheme}:"), within_s=0.2), 2)
        await asyncio.wait_for(silent.left.wait(), 2)

    assert failure.retryable
    assert "no session within 0.2 s" in failure.reason


async def test_a_session_that_is_never_confirmed_is_given_up_in_time_and_left() -> None:
    async with FarEnd(Script(), faults=Faults(withhold_updated=True)) as far_end:
        failure = await asyncio.wait_for(failure_of(far_end.url, within_s=0.2), 2)
        await far_end.until(lambda: far_end.sessions[0].is_over)

    assert failure.retryable


@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_cancelled_during_the_handshake_it_leaves_nothing_open(scheme: str) -> None:
    silent = Silent()
    async with listening(silent) as url:
        opening = asyncio.create_task(realtime(url.replace("ws:", f"{scheme}:"), within_s=30).open(BRIEF))
        await asyncio.wait_for(silent.asked.wait(), 2)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await asyncio.wait_for(silent.left.wait(), 2)


async def test_cancelled_before_it_is_confirmed_it_leaves_nothing_open() -> None:
    async with Vendor(confirms=False) as vendor:
        opening = asyncio.create_task(realtime(vendor.url, within_s=30).open(BRIEF))
        await vendor.until("session.update")
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await asyncio.wait_for(vendor.left.wait(), 2)


# ---- TLS -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed, with its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    both = folder / "both.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=nobody"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
        timeout=30,
    )
    both.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return both


def tls_of(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_a_certificate_that_nobody_has_signed_is_fatal_and_named(certificate: Path) -> None:
    async with Vendor(ssl=tls_of(certificate)) as vendor:
        failure = await failure_of(vendor.url)

        assert vendor.heard == []
    assert not failure.retryable
    assert "certificate was not accepted" in failure.reason


async def test_a_certificate_for_another_name_is_fatal(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with Vendor(ssl=tls_of(certificate)) as vendor:
        failure = await failure_of(vendor.url.replace("127.0.0.1", "localhost"))

    assert not failure.retryable


async def test_a_certificate_that_this_machine_trusts_is_accepted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with Vendor(ssl=tls_of(certificate)) as vendor:
        session, _ = await vendor.session()
        session.hear(b"\xff" * 160)
        await vendor.until("input_audio_buffer.append")
        session.close()
        await asyncio.wait_for(vendor.left.wait(), 2)


async def test_tls_to_a_server_that_speaks_none_fails_with_a_sentence() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with listening(plain) as url:
        failure = await failure_of(url.replace("ws:", "wss:"))

    assert "cannot be reached" in failure.reason
