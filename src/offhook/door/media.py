"""Which call a media stream is for, and if it may have it.

``/ws/media/{worker}/{call_id}/{token}``: the worker is a hint for balancers; any worker takes any call of its own.
"""

import math
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote

from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener

from offhook.calls.record import EndedCall
from offhook.calls.switchboard import Switchboard
from offhook.calls.tokens import StreamTokens, TokenFault
from offhook.carriers.twilio.addresses import MEDIA_PREFIX, Addresses
from offhook.carriers.twilio.signature import Signatures
from offhook.door.access import Visitor
from offhook.door.proxies import Proxies
from offhook.door.rates import Rates
from offhook.door.slot import Answer
from offhook.errors import CallNotFound
from offhook.legs.twilio import TwilioLeg
from offhook.telemetry.logs import get_logger

PATH_LIMIT_CHARS: Final = 512

log = get_logger("offhook.door.media")


class MediaDoor:
    """Lets media streams in, or says why not."""

    def __init__(
        self,
        switchboard: Switchboard,
        tokens: StreamTokens,
        signatures: Signatures | None,
        *,
        public_url: str | None,
        start_within_s: float,
        rates: Rates,
        proxies: Proxies,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._switchboard = switchboard
        self._tokens = tokens
        self._signatures = signatures
        self._public_url = public_url
        self._start_within_s = start_within_s
        self._rates = rates
        self._proxies = proxies
        self._clock = clock
        self.open: set[TwilioLeg] = set()
        """The streams that are connected."""

    def upgrade(self, request: WSUpgradeRequest, peer: str | None) -> Answer:
        """Answer one upgrade: a leg, or an HTTP status."""
        path = request.path.decode("ascii", "replace")
        if not self._knows(path, Visitor(peer, request.headers)):
            wait_s = self._rates.stranger(self._proxies.source(peer, request.headers))
            if wait_s is not None:  # not logged, or they would fill the log
                return _too_many(wait_s)
            return self._refuse(HTTPStatus.FORBIDDEN, "not signed by Twilio", peer=peer)
        parts = unquote(path.removeprefix(MEDIA_PREFIX)).split("/")
        if len(path) > PATH_LIMIT_CHARS or len(parts) != 3:
            return self._refuse(HTTPStatus.NOT_FOUND, "no such stream", peer=peer)
        _, call_id, token = parts
        try:
            call = self._switchboard.find(call_id)
        except CallNotFound:
            return self._refuse(HTTPStatus.NOT_FOUND, "no such call", call_id=call_id[:64], peer=peer)
        if isinstance(call, EndedCall):
            # The carrier comes to what stands behind the stream in its document, and asks us.
            return self._refuse(HTTPStatus.GONE, "the call has ended", call_id=call_id, peer=peer)
        fence = self._tokens.check(call_id, token, self._clock())
        if isinstance(fence, TokenFault):
            return self._refuse(HTTPStatus.FORBIDDEN, f"the stream token is {fence}", call_id=call_id, peer=peer)
        if not call.line.claim(fence):
            return self._refuse(HTTPStatus.FORBIDDEN, "the stream token was used", call_id=call_id, peer=peer)
        leg = TwilioLeg(call, start_within_s=self._start_within_s, closed=self.open.discard)
        self.open.add(leg)
        return leg

    def _knows(self, path: str, visitor: Visitor) -> bool:
        if self._signatures is None:
            return visitor.is_local
        address = Addresses.of(self._public_url, "http", visitor.headers).stream(path)
        return self._signatures.signed_stream(address, visitor.headers)

    @staticmethod
    def _refuse(status: HTTPStatus, reason: str, **facts: str | None) -> WSUpgradeResponseWithListener:
        log.warning("stream refused at the upgrade", status=int(status), reason=reason, **facts)
        body = f"{reason}\n".encode()
        return WSUpgradeResponseWithListener(WSUpgradeResponse.create_error_response(status, body), None)


def _too_many(wait_s: float) -> WSUpgradeResponseWithListener:
    headers = {"Retry-After": str(math.ceil(wait_s))}
    response = WSUpgradeResponse.create_error_response(HTTPStatus.TOO_MANY_REQUESTS, b"too many requests\n", headers)
    return WSUpgradeResponseWithListener(response, None)
