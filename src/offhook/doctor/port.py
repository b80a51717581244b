"""The port that the gateway listens on."""

import asyncio
import errno
import socket

import httpx

from offhook.doctor.finding import Finding, failed, ok
from offhook.doctor.health import health_url, is_ours

_FROM_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""An address to listen on is not always one to connect to."""


def port_free(host: str, port: int, *, running: bool) -> Finding:
    """Try to listen there. ``running`` says that an Offhook answers there already."""
    if port == 0:
        return ok("port", "any free port will be taken")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            # As the server does; else a port is busy for a minute after its last connection.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1)
    except socket.gaierror:
        return failed("port", f"the name {host} was not found", "set OFFHOOK_HOST to an address of this machine")
    except OSError as error:
        return _not_free(host, port, error, running=running)
    return ok("port", f"{host}:{port} is free")


def _not_free(host: str, port: int, error: OSError, *, running: bool) -> Finding:
    match error.errno:
        case errno.EADDRINUSE if running:
            return ok("port", f"{host}:{port} is used by Offhook itself, which is running")
        case errno.EADDRINUSE:
            return failed("port", f"{host}:{port} is used by another program", "set OFFHOOK_PORT to another port")
        case errno.EACCES:
            return failed("port", f"{port} may not be used by this user", "set OFFHOOK_PORT to 1024 or more")
        case errno.EADDRNOTAVAIL:
            return failed(
                "port", f"{host} is no address of this machine", "set OFFHOOK_HOST=127.0.0.1, or 0.0.0.0 for all"
            )
        case _:
            return failed("port", f"{host}:{port}: {error.strerror or error}", "set OFFHOOK_HOST and OFFHOOK_PORT")


async def is_running(host: str, port: int, limit_s: float) -> bool:
    """Ask whether an Offhook answers there."""
    if port == 0:
        return False
    near = _FROM_HERE.get(host, host)
    origin = f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"
    try:
        # Whatever proxy the environment names is not between this machine and itself.
        async with asyncio.timeout(limit_s), httpx.AsyncClient(timeout=limit_s, trust_env=False) as client:
            return is_ours(await client.get(health_url(origin)))
    except (httpx.HTTPError, OSError):  # TimeoutError is one of these
        return False
