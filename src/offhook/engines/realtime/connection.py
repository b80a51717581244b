"""How much a connection to an engine may hold, and how it is closed."""

import asyncio
import socket
from contextlib import suppress
from typing import Final

from picows import WSCloseCode, WSTransport

KERNEL_SENDS_BYTES: Final = 32 * 1024
"""Of the socket, so that sound does not grow old there either, where nobody can drop it. (Linux takes it twice.)"""

KERNEL_TAKES_BYTES: Final = 32 * 1024
"""Of the socket. A reply that comes all at once waits at the engine, not here; and what one read can find in the
socket is what the read buffer grows to when messages are short. (240 s of reply at once left 1.1 MB a call behind, and
leave 0.2 with this limit.) Linux takes it twice; at 100 ms to the engine that is ten times the rate of 24 kHz sound."""

CLOSE_WITHIN_S: Final = 1.0
"""What is still to be sent when a session is closed has so long to go; then the socket is cut."""


def narrow(transport: WSTransport, *, unsent_bytes: int) -> None:
    """Set those limits; above ``unsent_bytes`` the listener is told to pause."""
    underlying = transport.underlying_transport
    underlying.set_write_buffer_limits(high=unsent_bytes)
    plug = underlying.get_extra_info("socket")
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_SENDS_BYTES)
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_TAKES_BYTES)


def hang_up(transport: WSTransport, code: WSCloseCode) -> None:
    """Close it, in order or else by force."""
    transport.send_close(code)
    transport.disconnect()
    # A server that does not read would keep a socket in order open for ever.
    asyncio.get_running_loop().call_later(CLOSE_WITHIN_S, transport.disconnect, False)


async def take_note(transport: WSTransport) -> None:
    """What picows refused is an exception in a future, which complains when nobody looks at it."""
    with suppress(Exception):
        await transport.wait_disconnected()
