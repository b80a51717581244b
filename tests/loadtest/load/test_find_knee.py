import asyncio
from collections.abc import Awaitable, Callable

import pytest

from offhook.loadtest.load.find_knee import find_knee, settled
from offhook.loadtest.load.knee import Verdict
from offhook.loadtest.load.plan import Plan
from offhook.loadtest.load.target import Target

HELD, BROKE, OWN_LIMIT, DISTURBED = Verdict.HELD, Verdict.BROKE, Verdict.OWN_LIMIT, Verdict.DISTURBED
REFUSED = Verdict.REFUSED
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BUSY = b'<Response><Reject reason="busy"/></Response>'


async def say_busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n")
    writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(BUSY), BUSY))
    await writer.drain()
    writer.close()


def ignore_end(serve: Serve) -> Serve:
    """The look whether anybody listens asks nothing."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    return served


async def test_at_a_gateway_that_runs_already_busy_is_a_closed_door() -> None:
    server = await asyncio.start_server(ignore_end(say_busy), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        plan = Plan(3, rate=50, seconds=0.2, settle_s=0)
        knee, best = await find_knee(plan, Target(f"http://127.0.0.1:{port}/twilio/voice"), most=3)

    assert (knee.held, knee.broke, knee.door) == (0, 3, 0)
    assert best is None


@pytest.mark.parametrize(
    ("verdicts", "settles"),
    [
        ([], None),
        ([HELD], HELD),
        ([OWN_LIMIT], OWN_LIMIT),
        ([BROKE], None),
        ([BROKE, HELD], HELD),
        ([BROKE, BROKE], BROKE),
        ([REFUSED, REFUSED], REFUSED),
        ([REFUSED, HELD], HELD),
        ([DISTURBED], None),
        ([DISTURBED, DISTURBED], None),
        ([DISTURBED, DISTURBED, DISTURBED], DISTURBED),
        ([DISTURBED, DISTURBED, BROKE], BROKE),
        ([DISTURBED, HELD], HELD),
    ],
)
def test_one_bad_moment_does_not_settle_a_number(verdicts: list[Verdict], settles: Verdict | None) -> None:
    assert settled(verdicts) is settles
