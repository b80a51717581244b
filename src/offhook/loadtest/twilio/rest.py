"""Twilio's REST API, as far as a carrier needs it: place a call, change it, look at it, look at the account."""

import binascii
import secrets
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from offhook.loadtest.twilio.call_request import ApiError, Placing, read_change, read_placing
from offhook.loadtest.twilio.call_resource import account_json, call_json
from offhook.loadtest.twilio.facts import API_VERSION
from offhook.loadtest.twilio.line import Line


class Office(Protocol):
    """What the API stands in front of."""

    account_sid: str
    keys: Mapping[str, str]
    """Who may ask: user name and password, the account and its API keys."""

    @property
    def answered_by(self) -> str:
        """What machine detection finds."""

    def find(self, sid: str) -> Line | None:
        """A call that is known."""

    def place(self, placing: Placing) -> Line:
        """Make a line, and have it begun in its turn. Raises ApiError if there is no room."""


def make_app(office: Office) -> FastAPI:
    """The routes, answering for one account."""
    app = FastAPI(openapi_url=None)
    created = datetime.now(UTC)
    account = f"/{API_VERSION}/Accounts/{{account_sid}}"

    @app.exception_handler(ApiError)
    async def refuse(request: Request, error: ApiError) -> Response:
        return _error_response(error)

    @app.exception_handler(404)
    async def nothing_here(request: Request, error: Exception) -> Response:
        return _error_response(_not_found(request))

    @app.get(f"{account}.json")
    async def show_account(request: Request, account_sid: str) -> Response:
        _authorise(office, request, account_sid)
        return JSONResponse(account_json(office.account_sid, created))

    @app.post(f"{account}/Calls.json")
    async def place_call(request: Request, account_sid: str) -> Response:
        _authorise(office, request, account_sid)
        placing = read_placing(await _Fields.of(request), office.answered_by)
        return JSONResponse(call_json(office.place(placing)), status_code=201)

    @app.get(f"{account}/Calls/{{sid}}.json")
    async def show_call(request: Request, account_sid: str, sid: str) -> Response:
        _authorise(office, request, account_sid)
        return JSONResponse(call_json(_known(office, request, sid)))

    @app.post(f"{account}/Calls/{{sid}}.json")
    async def change_call(request: Request, account_sid: str, sid: str) -> Response:
        _authorise(office, request, account_sid)
        line = _known(office, request, sid)
        change = read_change(await _Fields.of(request))
        if line.life.over:
            raise _not_found(request)
        if change.source is not None and not line.answered:
            raise ApiError(400, 21220, "Unable to update record. Call is not in-progress. Cannot redirect.")
        if change.callback is not None:
            line.life.callback = change.callback
        if change.status == "completed":
            line.complete()
        elif change.status == "canceled":
            line.cancel()
        elif change.source is not None:
            line.redirect(change.source, change.fallback)
        return JSONResponse(call_json(line))

    return app


class _Fields:
    """A form of the request."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    @classmethod
    async def of(cls, request: Request) -> "_Fields":
        form = await request.form()
        return cls([(name, value) for name, value in form.multi_items() if isinstance(value, str)])

    def get(self, name: str) -> str | None:
        """The last value."""
        return self.fields().get(name)

    def getlist(self, name: str) -> list[str]:
        """All values."""
        return [value for known, value in self._pairs if known == name]

    def fields(self) -> dict[str, str]:
        """One value for each name."""
        return dict(self._pairs)


def _authorise(office: Office, request: Request, account_sid: str) -> None:
    user, password = _credentials(request.headers.get("authorization", ""))
    expected = office.keys.get(user)
    if expected is None or not secrets.compare_digest(expected.encode(), password.encode()):
        raise ApiError(401, 20003, "Authenticate")
    if account_sid != office.account_sid:
        raise _not_found(request)


def _credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def _known(office: Office, request: Request, sid: str) -> Line:
    line = office.find(sid)
    if line is None:
        raise _not_found(request)
    return line


def _not_found(request: Request) -> ApiError:
    return ApiError(404, 20404, f"The requested resource {request.url.path} was not found")


def _error_response(error: ApiError) -> Response:
    content: dict[str, Any] = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if error.status == 401 else None
    return JSONResponse(content, status_code=error.status, headers=headers)
