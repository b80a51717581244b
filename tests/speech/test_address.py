import socket

import pytest

from offhook.errors import SettingsError
from offhook.speech.address import health_of, listen, url_of


def test_a_free_port_is_found_and_told() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert url_of(listener) == f"ws://127.0.0.1:{port}/v1/realtime"


def test_an_address_of_version_6_stands_in_brackets() -> None:
    with listen("::1", 0) as listener:
        assert url_of(listener).startswith("ws://[::1]:")


def test_nagles_algorithm_can_be_turned_off_by_whoever_accepts() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_told_with_its_address() -> None:
    with listen("127.0.0.1", 0) as listener, pytest.raises(SettingsError, match=r"OFFHOOK_SPEECH_PORT.*127\.0\.0\.1"):
        listen("127.0.0.1", listener.getsockname()[1])


def test_health_is_asked_for_over_http() -> None:
    assert health_of("ws://127.0.0.1:8790/v1/realtime") == "http://127.0.0.1:8790/healthz"
