"""What people and programs ask: place a call, list calls, show one, hang one up."""

import math
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from offhook.agents.destinations import Destination
from offhook.agents.routes import Routes
from offhook.calls.admission import Obstacle
from offhook.calls.call import Call
from offhook.calls.departure import EndReason
from offhook.calls.states import State
from offhook.calls.switchboard import Switchboard
from offhook.calls.view import as_shown, detail, summary
from offhook.errors import AgentError, CallNotFound, CallRefused
from offhook.settings import ENGINES

ShortText = Annotated[str, StringConstraints(max_length=500)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class NewCall(BaseModel):
    """A call to place."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    to: Destination = Field(description="Whom to call: E.164, or a sip: address.", examples=["+15550002222"])
    from_: Destination | None = Field(
        None, alias="from", description="The caller id; OFFHOOK_TWILIO_NUMBER if not given."
    )
    agent: Name | None = Field(None, description="Who speaks, by name; the default agent if not given.")
    engine: Name | None = Field(None, description="What answers; the agent's or the gateway's if not given.")
    metadata: dict[Name, ShortText] = Field(
        default_factory=dict, max_length=32, description="Facts for the agent's tools and for whoever watches."
    )
    ring_seconds: int = Field(30, ge=5, le=600, description="How long it may ring.")


def api_routes(switchboard: Switchboard, routes: Routes, *, default_caller_id: str | None) -> APIRouter:
    """The routes below ``/api``; who may use them is the app's business."""
    router = APIRouter(prefix="/api", tags=["calls"])

    @router.post("/calls", status_code=201)
    async def place(new: NewCall) -> Response:
        """Place a call. It is dialled when its turn comes; watch its state."""
        caller_id = new.from_ or default_caller_id
        if caller_id is None:
            raise HTTPException(422, "from: name the number to call from, or set OFFHOOK_TWILIO_NUMBER")
        if new.engine is not None and new.engine not in ENGINES:
            raise HTTPException(422, f"engine: there is no {new.engine!r}; there are: {', '.join(ENGINES)}")
        try:
            agent = routes.named(new.agent) if new.agent else routes.default
        except AgentError as error:
            raise HTTPException(422, f"agent: {error}") from None
        try:
            call = switchboard.place(
                new.to, caller_id, agent, engine=new.engine, metadata=new.metadata, ring_s=new.ring_seconds
            )
        except CallRefused as refusal:
            if refusal.retry_after_s is None:
                raise HTTPException(403, refusal.reason) from None
            headers = {"Retry-After": str(math.ceil(refusal.retry_after_s))}
            # A worker that goes does not come back; another one may be behind the same address.
            status = 503 if refusal.kind == Obstacle.DRAINING else 429
            raise HTTPException(status, refusal.reason, headers) from None
        return _json(summary(call), status=201)

    @router.get("/calls")
    async def calls(state: State | None = None, limit: Annotated[int, Query(ge=1, le=10_000)] = 1000) -> Response:
        """Calls of this worker: those that are not over, oldest first, then those that ended, latest first."""
        found = [call for call in switchboard.calls() if state is None or call.state is state]
        return _json({"calls": [summary(call) for call in found[:limit]], "total": len(found)})

    @router.get("/calls/{call_id}")
    async def show(call_id: str) -> Response:
        """One call: transcript with what was heard, tool calls, timings, usage."""
        try:
            return _json(as_shown(detail(switchboard.find(call_id))))
        except CallNotFound as error:
            raise HTTPException(404, str(error)) from None

    @router.delete("/calls/{call_id}", status_code=202)
    async def hang_up(call_id: str) -> Response:
        """Hang up. It ends when the carrier has let go; 202 until then."""
        try:
            call = switchboard.find(call_id)
        except CallNotFound as error:
            raise HTTPException(404, str(error)) from None
        if isinstance(call, Call):
            call.end(EndReason.OPERATOR_HUNG_UP)
        return _json(summary(call), status=202)

    return router


def _json(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")
