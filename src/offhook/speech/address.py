"""Where the server listens, and where a client finds it. Without the libraries that speech needs."""

import socket
from typing import Final

from offhook.errors import SettingsError

PATH: Final = "/v1/realtime"
BACKLOG: Final = 1024
"""Connections that may wait to be accepted, also while a dead server is replaced."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. SettingsError if the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's algorithm off only where it sees that this is TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = f"{host}:{port} cannot be listened on: {error.strerror or error}"
        raise SettingsError("OFFHOOK_SPEECH_PORT", reason, "8790") from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a client finds the server on this socket."""
    host, port = listener.getsockname()[:2]
    return f"ws://{f'[{host}]' if ':' in host else host}:{port}{PATH}"


def health_of(url: str) -> str:
    """Where a server at ``url`` says that it is well."""
    return url.replace("ws://", "http://", 1).removesuffix(PATH) + "/healthz"
