"""How a session is opened: connect, set up, wait until the server has confirmed it."""

import asyncio
import logging
from collections.abc import Mapping
from ssl import SSLContext
from typing import Any, Final

import aiofastnet
from picows import WSAutoPingStrategy
from picows.picows import WSProtocol  # type: ignore[attr-defined]
from picows.url import parse_url

from offhook.calls.engine import Brief
from offhook.engines.realtime import faults
from offhook.engines.realtime.session import EVENT_LIMIT_BYTES, RealtimeSession
from offhook.errors import EngineError
from offhook.telemetry.measures import Measures

READ_BUFFER_BYTES: Final = 8 * 1024
"""To begin with. A longer message, or a read that fills it, makes it grow to twice that; it never shrinks. So it stays
below twice ``session.EVENT_LIMIT_BYTES``, and where messages are short, twice ``session.KERNEL_TAKES_BYTES``."""

PING_AFTER_S: Final = 20
PONG_WITHIN_S: Final = 10
"""A server that has been silent for so long is asked if it is there; one that does not answer then is gone."""


async def open_session(
    name: str,
    url: str,
    headers: Mapping[str, str],
    brief: Brief,
    *,
    config: dict[str, Any],
    within_s: float,
    tls: SSLContext | None,
    uplink_ms: int = 20,
    measures: Measures | None = None,
) -> RealtimeSession:
    """Open one session, ready to hear. ``config`` is the body of its session.update.

    Raises EngineError; leaves nothing open when it does, or is cancelled.
    """
    session = RealtimeSession(name, brief, config, uplink_ms=uplink_ms, measures=measures)
    address = url.split("?", 1)[0]
    try:
        async with asyncio.timeout(within_s):
            try:
                await _connect(session, url, headers, tls)
            except Exception as error:
                raise faults.from_connect(name, address, error) from error
            await session.ready
    except TimeoutError as error:
        session.close()
        raise EngineError(name, f"{address}: no session within {within_s:g} s", retryable=True) from error
    except BaseException:
        session.close()
        raise
    return session


async def _connect(session: RealtimeSession, url: str, headers: Mapping[str, str], tls: SSLContext | None) -> None:
    """Upgrade a connection, and have ``session`` listen on it.

    As ``picows.ws_connect`` does it, over the same transports, but that leaves its connection open when it is
    cancelled, and returns as if nothing were wrong when the server hangs up. Redirects are not followed: the key goes
    to the address it was meant for.
    """
    target = parse_url(url)

    def protocol() -> WSProtocol:
        return WSProtocol(
            target.netloc,
            target.resource_name,
            True,  # is_client_side
            lambda request, response: session,
            logging.getLogger("picows.engine"),
            True,  # disconnect_on_exception
            None,  # handshake timeout: whoever calls has one
            True,  # enable_auto_ping
            PING_AFTER_S,
            PONG_WITHIN_S,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            True,  # enable_auto_pong
            EVENT_LIMIT_BYTES,
            dict(headers),
            READ_BUFFER_BYTES,
        )

    _, upgrading = await aiofastnet.create_connection(
        asyncio.get_running_loop(), protocol, target.host, target.port, ssl=tls if target.is_secure else None
    )
    try:
        await upgrading.wait_until_handshake_complete()
    except BaseException:
        upgrading.transport.disconnect(False)
        raise
    if upgrading.listener is None:
        raise ConnectionResetError("it hung up during the handshake")
