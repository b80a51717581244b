"""Configurations of HAProxy (its Configuration Manual, 2.6): one thread, TCP mode, nothing logged."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MOST_CONNECTIONS: Final = 4000
"""Both sides of a call take one file descriptor each."""


def found() -> str | None:
    """Where HAProxy is installed; Debian puts it where only root's PATH looks."""
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True, slots=True)
class Relay:
    """From a port of this machine to another. ``certificate`` is a PEM file with key: then what comes in is TLS."""

    listen_port: int
    server_port: int
    certificate: Path | None = None


def configuration(relay: Relay) -> str:
    """The whole file. TCP_NODELAY is HAProxy's default in TCP mode for what it forwards."""
    tls = f" ssl crt {relay.certificate}" if relay.certificate else ""
    return f"""\
global
    nbthread 1
    maxconn {MOST_CONNECTIONS}

defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h

frontend calls
    bind 127.0.0.1:{relay.listen_port}{tls}
    default_backend far

backend far
    server far 127.0.0.1:{relay.server_port}
"""
