import errno
import socket
import ssl

import httpx
import pytest

from offhook.doctor.trouble import trouble

URL = "wss://engine.example.com/v1/realtime?key=hunter2"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "the name engine.example.com was not found"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "engine.example.com:443 refused the connection"),
        (
            OSError("Multiple exceptions: [Errno 111] Connect call failed ('::1'), [Errno 111] Connect call failed"),
            "engine.example.com:443 refused the connection",
        ),
        (TimeoutError(), "no answer from engine.example.com:443 within 5 s"),
        (httpx.ReadTimeout("x"), "no answer from engine.example.com:443 within 5 s"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "engine.example.com:443 closed the connection"),
        (httpx.RemoteProtocolError("Server disconnected"), "engine.example.com:443 closed the connection"),
        (OSError(errno.ENETUNREACH, "unreachable"), "there is no route to engine.example.com"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "TLS with engine.example.com failed"),
        (RuntimeError("odd"), "engine.example.com:443: RuntimeError: odd"),
    ],
)
def test_each_trouble_has_its_own_words(error: Exception, said: str) -> None:
    found = trouble(error, URL, 5)
    assert found.detail.startswith(said)
    assert found.remedy
    assert "hunter2" not in f"{found.detail} {found.remedy}"


def test_what_a_library_wrapped_is_found() -> None:
    try:
        try:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
        except OSError as inner:
            raise ExceptionGroup("all attempts failed", [inner]) from None
    except ExceptionGroup as group:
        outer = httpx.ConnectError("All connection attempts failed")
        outer.__cause__ = group
    assert "refused" in trouble(outer, URL, 5).detail


def test_a_long_error_is_cut() -> None:
    assert len(trouble(RuntimeError("x" * 10_000), URL, 5).detail) <= 200


def test_a_server_that_does_not_run_explains_some_troubles() -> None:
    assert trouble(ConnectionRefusedError(errno.ECONNREFUSED, "refused"), URL, 5).nobody_there
    assert not trouble(socket.gaierror(socket.EAI_NONAME, "unknown"), URL, 5).nobody_there
