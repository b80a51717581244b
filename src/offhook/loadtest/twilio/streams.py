"""The streams of one call: opened one after another, each told about to its status callback."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urljoin

from offhook.loadtest.twilio.callbacks import Callbacks
from offhook.loadtest.twilio.debugger import STREAM_HANDSHAKE, Debugger
from offhook.loadtest.twilio.endings import ENDINGS, StreamEnd
from offhook.loadtest.twilio.exchange import Exchange
from offhook.loadtest.twilio.facts import CallFacts, new_sid
from offhook.loadtest.twilio.handset import Handset
from offhook.loadtest.twilio.playback import Playback
from offhook.loadtest.twilio.signature import HEADER, sign
from offhook.loadtest.twilio.stream import MediaStream
from offhook.loadtest.twilio.stream_url import stream_url
from offhook.loadtest.twilio.twiml import Stream
from offhook.wires.twilio_media import StartBody

_ERROR = "stream-error"


class Streams:
    """``opened`` are all that ever said ``start``, ``current`` is the one that is open. ``on_change`` after each."""

    def __init__(
        self,
        exchange: Exchange,
        facts: CallFacts,
        handset: Handset,
        debugger: Debugger,
        callbacks: Callbacks,
        on_change: Callable[[], None],
    ) -> None:
        self.opened: list[MediaStream] = []
        self._exchange = exchange
        self._facts = facts
        self._handset = handset
        self._debugger = debugger
        self._callbacks = callbacks
        self._on_change = on_change
        self._pending: MediaStream | None = None
        self._told: tuple[str, Stream] = ("", Stream(""))

    @property
    def current(self) -> MediaStream | None:
        """The open stream, if there is one."""
        return self._handset.stream

    async def run(self, noun: Stream, base_url: str) -> StreamEnd:
        """Open a stream and return how it ended."""
        facts, exchange = self._facts, self._exchange
        start = StartBody(
            new_sid("MZ"), facts.sid, account_sid=facts.account_sid, custom_parameters=dict(noun.parameters)
        )
        playback = Playback(self._handset.answered_at, self._handset.heard)
        self._told = (urljoin(base_url, noun.status_callback) if noun.status_callback else "", noun)
        stream = self._pending = MediaStream(
            start, playback, self._debugger, self._stream_opened, self._stream_ended, self._handset.talker
        )
        try:
            url = stream_url(base_url, noun.url)
        except ValueError as error:
            self._debugger.error(STREAM_HANDSHAKE, str(error))
            self._tell(stream, _ERROR, f"{STREAM_HANDSHAKE} {error}")
            return StreamEnd.REFUSED
        address, headers = exchange.addresses.reach(url)
        headers[HEADER] = sign(exchange.auth_token, url)
        await stream.open(address, headers, exchange.behaviour.handshake_timeout_s, exchange.ssl_context)
        return await asyncio.shield(stream.ended)

    def stop(self) -> None:
        """End what is open or being opened, from Twilio's side."""
        if self._pending is not None:
            self._pending.stop()

    def _stream_opened(self, stream: MediaStream) -> None:
        self.opened.append(stream)
        self._handset.stream = stream
        self._exchange.clock.start(self._handset)
        self._tell(stream, "stream-started")
        self._on_change()

    def _stream_ended(self, stream: MediaStream, end: StreamEnd, text: str) -> None:
        was_open = self._handset.stream is stream
        self._handset.stream = self._pending = None
        ending = ENDINGS[end]
        if ending.event == _ERROR:
            self._tell(stream, _ERROR, f"{ending.code} {text}")
        elif was_open:
            self._tell(stream, ending.event)
        self._on_change()

    def _tell(self, stream: MediaStream, event: str, error: str = "") -> None:
        url, noun = self._told
        if not url or (event == _ERROR and not self._exchange.behaviour.stream_error_callbacks):
            return
        form = {
            "AccountSid": self._facts.account_sid,
            "CallSid": self._facts.sid,
            "StreamSid": stream.sid,
            "StreamName": noun.name or stream.sid,  # UNVERIFIED what stands here for a stream without a name
            "StreamEvent": event,
            "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if error:
            form["StreamError"] = error
        self._callbacks.send(noun.status_callback_method, url, form)
