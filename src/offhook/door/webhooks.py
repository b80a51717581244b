"""What Twilio asks: what to do with a call that rings, what comes after a stream, and where calls stand.

A call for which there is no room is told so before it is answered, with ``busy`` (a document of TwiML).

What is Twilio's is answered with TwiML, also when the call is unknown: an error page would make Twilio read "an
application error has occurred" to the caller. What is not Twilio's gets an HTTP error.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from offhook.agents.agent import APOLOGY
from offhook.agents.routes import Routes
from offhook.calls.call import Call
from offhook.calls.departure import Goodbye, Transfer
from offhook.calls.record import EndedCall
from offhook.calls.states import State
from offhook.calls.switchboard import Switchboard
from offhook.calls.tokens import StreamTokens
from offhook.carriers.twilio import addresses as paths
from offhook.carriers.twilio import twiml
from offhook.carriers.twilio.addresses import Addresses
from offhook.carriers.twilio.signature import Signatures
from offhook.carriers.twilio.webhook import StatusUpdate, VoiceRequest
from offhook.door.access import Visitor
from offhook.door.rates import Rates
from offhook.door.strangers import MARK
from offhook.errors import CallNotFound, CallRefused, WireError
from offhook.telemetry.logs import get_logger

TRANSFER_FAILED = "I am sorry, nobody could be reached there. Goodbye."
ENDED_STATUSES = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

log = get_logger("offhook.door.webhooks")


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that is known to be Twilio's."""

    fields: Mapping[str, object]
    call_id: str | None
    """From the query of the addresses that we gave."""
    addresses: Addresses


def webhook_routes(
    switchboard: Switchboard,
    routes: Routes,
    tokens: StreamTokens,
    signatures: Signatures | None,
    *,
    public_url: str | None,
    worker: str,
    rates: Rates,
    busy: str,
    refused: Callable[[str], None] = lambda kind: None,
) -> APIRouter:
    """The routes below ``/twilio``. ``refused`` is told of calls that are too many for their account."""

    async def checked(request: Request) -> Webhook:
        async with request.form() as form:
            if not all(isinstance(value, str) for _, value in form.multi_items()):
                raise HTTPException(400, "a webhook carries no files")
        fields: Mapping[str, object] = form if request.method == "POST" else request.query_params
        visitor = Visitor(request.client.host if request.client else None, request.headers)
        addresses = Addresses.of(public_url, request.url.scheme, request.headers)
        if signatures is None:
            known = visitor.is_local
        else:
            query = f"?{request.url.query}" if request.url.query else ""
            url = addresses.webhook(request.url.path + query)
            known = signatures.signed_webhook(url, form, request.headers)
        if not known:
            setattr(request.state, MARK, True)
            raise HTTPException(403, "not signed by Twilio")
        return Webhook(fields, request.query_params.get("call"), addresses)

    router = APIRouter(include_in_schema=False)  # nobody but Twilio asks this

    def stream(call: Call, addresses: Addresses) -> Response:
        token = tokens.issue(call.call_id, call.line.offer_stream(), time.time())
        return _xml(twiml.stream(addresses, worker, call.call_id, token))

    def after(call: Call | EndedCall, addresses: Addresses) -> Response:
        """What a call that ends, or has ended, is told to do."""
        if isinstance(call, EndedCall):
            departure = call.departure
        else:
            departure = call.life.departure or Goodbye()
            if call.state is State.ENDING:
                call.departed()
        match departure:
            case Transfer(to=to):
                return _xml(twiml.transfer(addresses, call.call_id, to))
            case Goodbye(sentence=sentence):
                return _xml(twiml.goodbye(sentence))

    @router.api_route(paths.VOICE_PATH, methods=["POST", "GET"])
    async def voice(webhook: Annotated[Webhook, Depends(checked)]) -> Response:
        """A call rings, or one that we placed was answered."""
        request = _read(webhook)
        if webhook.call_id is not None:
            try:
                call = switchboard.find(webhook.call_id)
            except CallNotFound:
                return _xml(twiml.goodbye(None))
            if isinstance(call, Call):
                switchboard.answered(call, request.call_sid)
        elif switchboard.find_by_carrier(request.call_sid) is None and rates.new_call(account(webhook)) is not None:
            refused("rate_limited")
            return _xml(busy)
        else:
            try:
                agent = routes.agent_for(request.dialled)
                call = switchboard.ring(
                    request.call_sid, request.caller, request.dialled, agent, metadata=request.metadata
                )
            except CallRefused as refusal:
                facts = {"reason": refusal.reason, "kind": refusal.kind}
                log.warning("call refused", **facts, carrier_call_id=request.call_sid)
                return _xml(busy)
        if isinstance(call, EndedCall) or call.state in (State.ENDING, State.ENDED):
            return after(call, webhook.addresses)
        return stream(call, webhook.addresses)

    @router.api_route(paths.RESUME_PATH, methods=["POST", "GET"])
    async def resume(webhook: Annotated[Webhook, Depends(checked)]) -> Response:
        """A stream has ended, or could not be opened. The same answer until its token is used."""
        request = _read(webhook)
        try:
            call = switchboard.find(webhook.call_id or "")
        except CallNotFound:  # a process that knew it is gone
            return _xml(twiml.goodbye(None if request.status in ENDED_STATUSES else APOLOGY))
        if request.status in ENDED_STATUSES:
            if isinstance(call, Call):
                call.carrier_said(request.status, call.line.status_sequence + 1)
            return _xml(twiml.goodbye(None))
        if isinstance(call, Call) and call.state not in (State.ENDING, State.ENDED):
            switchboard.resume(call)
        if isinstance(call, EndedCall) or call.state in (State.ENDING, State.ENDED):
            return after(call, webhook.addresses)
        return stream(call, webhook.addresses)

    @router.api_route(paths.TRANSFERRED_PATH, methods=["POST", "GET"])
    async def transferred(webhook: Annotated[Webhook, Depends(checked)]) -> Response:
        """A transfer has ended: they talked and are done, or nobody was reached."""
        reached = webhook.fields.get("DialCallStatus") in ("completed", "answered")
        return _xml(twiml.goodbye(None if reached else TRANSFER_FAILED))

    @router.post(paths.STATUS_PATH, status_code=204)
    async def status(webhook: Annotated[Webhook, Depends(checked)]) -> Response:
        """Where a call stands."""
        try:
            update = StatusUpdate.read(webhook.fields)
        except WireError as error:
            raise HTTPException(400, str(error)) from None
        wait_s = rates.status(account(webhook))
        if wait_s is not None:
            raise HTTPException(429, "too many status callbacks", {"Retry-After": str(math.ceil(wait_s))})
        call = switchboard.find_by_carrier(update.call_sid) or not_yet_known(webhook.call_id)
        if call is not None:
            switchboard.carrier_said(call, update.status, update.sequence)
        return Response(status_code=204)

    def not_yet_known(call_id: str | None) -> Call | EndedCall | None:
        """An outbound call of which the carrier tells before it has answered our order to place it."""
        try:
            call = switchboard.find(call_id or "")
        except CallNotFound:
            return None
        known_as = call.carrier_call_id if isinstance(call, EndedCall) else call.line.carrier_call_id
        return call if known_as is None else None

    def account(webhook: Webhook) -> str:
        sid = webhook.fields.get("AccountSid")
        return sid if isinstance(sid, str) else ""

    return router


def _read(webhook: Webhook) -> VoiceRequest:
    try:
        return VoiceRequest.read(webhook.fields)
    except WireError as error:
        raise HTTPException(400, str(error)) from None


def _xml(document: str) -> Response:
    return Response(document, media_type="text/xml")
