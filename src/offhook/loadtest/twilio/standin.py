"""The stand-in for Twilio: numbers to ring, a REST API to be called, and the lines of both.

::

    async with TwilioStandIn(auth_token="secret") as twilio:
        twilio.voice_url = "http://127.0.0.1:8000/twilio/voice"  # the gateway got twilio.api_url for its carrier
        line = await twilio.ring("+15550001111", "+15550002222")
        await line.until_streaming()
        line.say(hello)
"""

import asyncio
import ssl
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import Final, Self

from offhook.loadtest.twilio.address import AddressBook
from offhook.loadtest.twilio.api_server import ApiServer
from offhook.loadtest.twilio.behaviour import Behaviour
from offhook.loadtest.twilio.call_request import ApiError, Placing
from offhook.loadtest.twilio.callbacks import StatusCallback
from offhook.loadtest.twilio.dialler import Dialler
from offhook.loadtest.twilio.exchange import Exchange
from offhook.loadtest.twilio.facts import CallFacts, Direction
from offhook.loadtest.twilio.line import CallPlan, Line
from offhook.loadtest.twilio.rest import make_app
from offhook.loadtest.twilio.script import Fetch
from offhook.loadtest.twilio.talker import Talker
from offhook.loadtest.twilio.webhooks import Webhooks

LINES_KEPT: Final = 10_000
"""Above that, the oldest lines that have ended are forgotten."""

CLOSING_S: Final = 2.0
"""For the last status callbacks, when the stand-in is closed."""


class TwilioStandIn:
    """One account, one number's worth of settings, any number of lines.

    ``voice_url``, ``fallback_url`` and the ``status_callback`` are what the console of a Twilio number holds; they
    may be changed at any time and hold for calls from then on. ``public_url`` and ``connect_to``: see ``AddressBook``.
    ``on_outbound`` is called for each line that the REST API made, before it rings: to set its ``outcome``, or to
    have the called party speak.
    """

    def __init__(
        self,
        *,
        account_sid: str = "AC" + "0" * 32,
        auth_token: str = "",
        api_keys: Mapping[str, str] | None = None,
        voice_url: str = "",
        voice_method: str = "POST",
        fallback_url: str | None = None,
        status_callback: str | None = None,
        status_callback_events: Collection[str] = ("completed",),
        public_url: str = "",
        connect_to: str = "",
        proxy_headers: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        behaviour: Behaviour | None = None,
        on_outbound: Callable[[Line], None] | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.keys: Mapping[str, str] = MappingProxyType({account_sid: auth_token, **(api_keys or {})})
        self.voice_url = voice_url
        self.voice_method = voice_method
        self.fallback_url = fallback_url
        self.status_callback = status_callback
        self.status_callback_events = status_callback_events
        self.on_outbound = on_outbound
        self.lines_by_sid: dict[str, Line] = {}
        self._behaviour = behaviour or Behaviour()
        addresses = AddressBook(public_url, connect_to, dict(proxy_headers or {}))
        webhooks = Webhooks(auth_token, addresses, self._behaviour.webhook_timeout_s, ssl_context)
        self._exchange = Exchange(account_sid, auth_token, webhooks, addresses, self._behaviour, ssl_context)
        self._dialler = Dialler(self._behaviour.calls_per_second)
        self._server = ApiServer(make_app(self), host, port)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Serve the REST API. OSError if the port is taken."""
        await self._open.enter_async_context(self._exchange.webhooks)
        await self._open.enter_async_context(self._server)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Hang up all lines, tell the last callbacks, and close."""
        self._dialler.close()
        await asyncio.gather(*(line.close(CLOSING_S) for line in self.lines))
        await self._open.aclose()

    @property
    def api_url(self) -> str:
        """Where the REST API is, in place of https://api.twilio.com."""
        return self._server.url

    @property
    def lines(self) -> list[Line]:
        """All lines that are remembered, in order."""
        return list(self.lines_by_sid.values())

    @property
    def answered_by(self) -> str:
        """What machine detection finds."""
        return self._behaviour.answered_by

    async def ring(
        self, caller: str, dialled: str, *, extra: Mapping[str, str] | None = None, talker: Talker | None = None
    ) -> Line:
        """Ring a number, and return while it rings. ``extra`` are further fields of the webhooks.

        With a ``talker`` the line is for load: it says what that one says, and keeps no sound.
        """
        facts = CallFacts(self.account_sid, caller, dialled, Direction.INBOUND, dict(extra or {}))
        plan = CallPlan(
            first=Fetch(self.voice_url, self.voice_method),
            fallback=Fetch(self.fallback_url) if self.fallback_url else None,
            callback=StatusCallback(self.status_callback, events=self.status_callback_events)
            if self.status_callback
            else None,
        )
        line = self._add(Line(self._exchange, facts, plan))
        if talker is not None:
            line.talk(talker)
        line.begin()
        return line

    def forget(self, line: Line) -> None:
        """Remember a line no more that has ended."""
        if line.life.over:
            self.lines_by_sid.pop(line.sid, None)

    def find(self, sid: str) -> Line | None:
        """A call that is known."""
        return self.lines_by_sid.get(sid)

    def place(self, placing: Placing) -> Line:
        """Queue an outbound call. Raises ApiError if too many wait."""
        if self._dialler.full:
            raise ApiError(429, 20429, "Too Many Requests")
        facts = CallFacts(self.account_sid, placing.caller, placing.dialled, Direction.OUTBOUND_API)
        line = self._add(Line(self._exchange, facts, placing.plan))
        if self.on_outbound is not None:
            self.on_outbound(line)
        self._dialler.add(line)
        return line

    def _add(self, line: Line) -> Line:
        if len(self.lines_by_sid) >= LINES_KEPT:
            ended = next((sid for sid, known in self.lines_by_sid.items() if known.life.over), None)
            if ended is not None:
                del self.lines_by_sid[ended]
        self.lines_by_sid[line.sid] = line
        return line
