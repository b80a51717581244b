"""Which failures of an engine are fatal, which another try may cure, and which mean nothing."""

import ssl
from enum import Enum, auto
from http import HTTPStatus
from typing import Final

from picows import WSCloseCode, WSError, WSInvalidStatusError

from offhook.errors import EngineError
from offhook.wires.openai_realtime.server_events import ErrorBody


class Gravity(Enum):
    """What an error event means for the session."""

    HARMLESS = auto()
    """Two messages crossed on the way. Nothing is wrong."""
    COMPLAINT = auto()
    """One request failed; the session goes on."""
    LOSES_SESSION = auto()
    """This session is of no more use; another may be."""
    FATAL = auto()
    """No session will be of use until somebody pays, or corrects a key."""


FATAL_CODES: Final = frozenset(
    {
        "insufficient_quota",
        "credit_balance_exhausted",
        "invalid_api_key",
        "account_deactivated",
        "billing_hard_limit_reached",
        "model_not_found",
    }
)
HARMLESS_CODES: Final = frozenset(
    {
        "response_cancel_not_active",
        "conversation_already_has_active_response",
        "input_audio_buffer_commit_empty",
        "item_create_duplicate_item_id",
        "item_retrieve_invalid_item_id",
    }
)
SESSION_CODES: Final = frozenset({"session_expired"})


def gravity(error: ErrorBody) -> Gravity:
    """Judge an error event. Vendors put the word into ``code`` or ``type``."""
    words = {error.code, error.type}
    if words & FATAL_CODES:
        return Gravity.FATAL
    if words & SESSION_CODES:
        return Gravity.LOSES_SESSION
    if words & HARMLESS_CODES:
        return Gravity.HARMLESS
    return Gravity.COMPLAINT


RETRYABLE_CLOSES: Final = frozenset(
    {
        WSCloseCode.NO_INFO,
        WSCloseCode.OK,
        WSCloseCode.GOING_AWAY,
        WSCloseCode.ABNORMAL_CLOSURE,
        WSCloseCode.INTERNAL_ERROR,
        WSCloseCode.SERVICE_RESTART,
        WSCloseCode.TRY_AGAIN_LATER,
        WSCloseCode.BAD_GATEWAY,
    }
)


def from_close(engine: str, code: int | None, reason: str) -> EngineError:
    """The connection was closed by the other side. None: it broke without a close frame."""
    # Codes from 3000 on are of the server's own making (RFC 6455 section 7.4.2): unknown is not hopeless.
    retryable = code is None or code in {c.value for c in RETRYABLE_CLOSES} or code == 1005 or code >= 3000
    what = "the connection broke" if code is None else f"it closed the connection with {code}"
    return EngineError(engine, f"{what}{': ' + reason if reason else ''}", retryable=retryable, code=str(code or ""))


def from_refusal(engine: str, code: int, reason: str) -> EngineError:
    """We closed the connection: what the other side sent was too long, or no WebSocket frame; or it was not there."""
    return EngineError(engine, f"we closed the connection with {code}: {reason}", retryable=True, code=str(code))


def from_connect(engine: str, url: str, error: Exception) -> EngineError:
    """A connection could not be opened. The sentence tells an operator what to look at."""
    retryable, code = True, None
    if isinstance(error, WSInvalidStatusError) and error.response is not None:
        status = int(error.response.status)
        code = str(status)
        # Timeouts, rate limits and the server's own trouble pass; what is said of our request does not.
        retryable = status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or status >= 500
        why = {
            HTTPStatus.UNAUTHORIZED: "the key was refused (HTTP 401)",
            HTTPStatus.FORBIDDEN: "access was refused (HTTP 403)",
            HTTPStatus.NOT_FOUND: "there is no such address or model (HTTP 404)",
            HTTPStatus.TOO_MANY_REQUESTS: "too many requests (HTTP 429)",
            HTTPStatus.SERVICE_UNAVAILABLE: "it has no room for another session just now (HTTP 503)",
        }.get(HTTPStatus(status), f"it answered the upgrade with HTTP {status}")
    elif isinstance(error, ssl.SSLCertVerificationError):
        retryable, why = False, f"its certificate was not accepted ({error.verify_message})"
    elif isinstance(error, TimeoutError):
        why = "it did not answer in time"
    elif isinstance(error, WSError):
        why = f"it does not speak WebSocket there ({error})"
    else:
        why = f"it cannot be reached ({error.strerror if isinstance(error, OSError) and error.strerror else error})"
    return EngineError(engine, f"{url}: {why}", retryable=retryable, code=code)
