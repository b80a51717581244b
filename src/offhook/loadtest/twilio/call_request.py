"""The parameters of a REST request for a call, checked (Twilio docs: "Call resource", create and update)."""

import re
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

from offhook.loadtest.twilio.callbacks import EVENTS, StatusCallback
from offhook.loadtest.twilio.line import CallPlan
from offhook.loadtest.twilio.script import Fetch, Given, Source

TWIML_LIMIT_CHARS: Final = 4000
RING_TIMEOUT_LIMIT_S: Final = 600

_NUMBER = re.compile(r"\+[1-9]\d{1,14}|(sip|sips|client):\S+")

INVALID_PARAMETER: Final = 20001
"""UNVERIFIED where it stands for a parameter that Twilio has a number of its own for."""


class ApiError(Exception):
    """What the API answers instead: an HTTP status, Twilio's number, and a sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"{status} {code}: {message}")


class Form(Protocol):
    """A form that may have a field several times."""

    def get(self, name: str) -> str | None:
        """The last value."""

    def getlist(self, name: str) -> list[str]:
        """All values."""

    def fields(self) -> dict[str, str]:
        """One value for each name."""


@dataclass(frozen=True, slots=True)
class Placing:
    """A call to be placed."""

    caller: str
    dialled: str
    plan: CallPlan


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a call: other TwiML, an end, or only other callbacks."""

    source: Source | None = None
    fallback: Fetch | None = None
    callback: StatusCallback | None = None
    status: str = ""


def read_placing(form: Form, answered_by: str) -> Placing:
    """Check the request to place a call. Raises ApiError."""
    dialled, caller = form.get("To"), form.get("From")
    if not dialled:
        raise ApiError(400, 21201, "No 'To' number is specified")
    if not _NUMBER.fullmatch(dialled):
        raise ApiError(400, 21211, f"The phone number you are attempting to call, {dialled}, is not valid.")
    if not caller:
        raise ApiError(400, 21213, "Caller phone number required")
    if not _NUMBER.fullmatch(caller):
        raise ApiError(400, 21212, f"The source phone number provided, {caller}, is not yet verified or not valid.")
    # With both, Url wins on create; on update they exclude each other.
    first = _fetch(form, "Url", "Method", 21205) or _given(form)
    if first is None:
        raise ApiError(400, 21205, "Url parameter is required.")
    # With AsyncAmd the answer would go to a callback of its own, which is not told here.
    asked = form.get("MachineDetection") and not form.get("SendDigits") and form.get("AsyncAmd") != "true"
    plan = CallPlan(
        first=first,
        fallback=_fetch(form, "FallbackUrl", "FallbackMethod", INVALID_PARAMETER),
        callback=_callback(form),
        ring_timeout_s=min(_seconds(form, "Timeout", 60), RING_TIMEOUT_LIMIT_S),
        time_limit_s=_seconds(form, "TimeLimit", 14_400),
        answered_by=answered_by if asked else "",
        request=form.fields(),
    )
    return Placing(caller, dialled, plan)


def read_change(form: Form) -> Change:
    """Check the request to change a call. Raises ApiError."""
    if form.get("Url") and form.get("Twiml"):
        raise ApiError(400, INVALID_PARAMETER, "Url and Twiml are mutually exclusive")
    status = form.get("Status") or ""
    if status not in ("", "completed", "canceled"):
        raise ApiError(400, INVALID_PARAMETER, f"Status is completed or canceled, not {status!r}")
    return Change(
        source=_fetch(form, "Url", "Method", 21205) or _given(form),
        fallback=_fetch(form, "FallbackUrl", "FallbackMethod", INVALID_PARAMETER),
        callback=_callback(form),
        status=status,
    )


def _fetch(form: Form, url_name: str, method_name: str, code: int) -> Fetch | None:
    url = form.get(url_name)
    return Fetch(_checked_url(url, url_name, code), _method(form, method_name)) if url else None


def _given(form: Form) -> Given | None:
    text = form.get("Twiml")
    if not text:
        return None
    if len(text) > TWIML_LIMIT_CHARS:
        raise ApiError(400, INVALID_PARAMETER, f"Twiml is longer than {TWIML_LIMIT_CHARS} characters")
    return Given(text)


def _callback(form: Form) -> StatusCallback | None:
    url = form.get("StatusCallback")
    if not url:
        return None
    if "_" in (urlsplit(url).hostname or ""):
        raise ApiError(400, 21609, "Invalid 'StatusCallback': underscores are not permitted in the hostname")
    # Some clients send the events as one value with spaces.
    events = " ".join(form.getlist("StatusCallbackEvent")).split() or ["completed"]
    unknown = set(events) - set(EVENTS)
    if unknown:
        raise ApiError(400, 21626, f"Invalid StatusCallbackEvents: {', '.join(sorted(unknown))}")
    method = _method(form, "StatusCallbackMethod")
    return StatusCallback(_checked_url(url, "StatusCallback", 21609), method, tuple(events))


def _checked_url(url: str, name: str, code: int) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ApiError(400, code, f"{name} is not a valid URL: {url}")
    return url


def _method(form: Form, name: str) -> str:
    method = (form.get(name) or "POST").upper()
    if method not in ("GET", "POST"):
        raise ApiError(400, INVALID_PARAMETER, f"{name} is GET or POST, not {method!r}")
    return method


def _seconds(form: Form, name: str, default: int) -> int:
    value = form.get(name) or str(default)
    if not (value.isascii() and value.isdigit()):
        raise ApiError(400, INVALID_PARAMETER, f"{name} is a whole number of seconds, not {value!r}")
    return int(value)
