"""How a session is opened: connect, set up, wait until the server has confirmed it."""

import asyncio
from collections.abc import Mapping
from ssl import SSLContext
from typing import Final

from picows import ws_connect

from offhook.calls.engine import Brief
from offhook.engines.realtime import faults
from offhook.engines.realtime.session import RealtimeSession
from offhook.errors import EngineError
from offhook.wires.openai_realtime.server_events import MESSAGE_LIMIT_BYTES

READ_BUFFER_BYTES: Final = 8 * 1024
"""To begin with; a larger message makes it grow."""


async def open_session(
    name: str,
    url: str,
    headers: Mapping[str, str],
    brief: Brief,
    *,
    transcription_model: str,
    within_s: float,
    tls: SSLContext | None,
) -> RealtimeSession:
    """Open one session, ready to hear. Raises EngineError; leaves nothing open when it does, or is cancelled."""
    session = RealtimeSession(name, brief, transcription_model)
    address = url.split("?", 1)[0]
    try:
        async with asyncio.timeout(within_s):
            try:
                await ws_connect(
                    lambda: session,
                    url,
                    ssl_context=tls if url.startswith("wss:") else None,
                    extra_headers=dict(headers),
                    # Sooner than our own limit, so that it is picows that gives up, and closes the socket.
                    websocket_handshake_timeout=within_s * 0.8,
                    max_redirects=0,  # the key goes to the address it was meant for
                    max_frame_size=MESSAGE_LIMIT_BYTES,
                    read_buffer_init_size=READ_BUFFER_BYTES,
                    enable_auto_ping=True,
                    auto_ping_idle_timeout=20,
                    auto_ping_reply_timeout=10,
                    logger_name="engine",
                )
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
