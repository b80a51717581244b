"""OpenAI's engine: can it be reached, and does it take the key."""

from urllib.parse import urlsplit

from offhook.doctor.finding import Finding, failed, ok, warning
from offhook.doctor.opening import Complained, Created, HungUp, Opening, Refused, Silent, Unreached, open_session
from offhook.engines.realtime.address import bearer, with_model
from offhook.settings import Settings

NAME = "engine"

_KEY = "put a valid key into OFFHOOK_OPENAI_API_KEY"
_ADDRESS = "check OFFHOOK_OPENAI_URL"
_REFUSALS = {
    401: ("does not accept the key (401)", _KEY),
    403: ("does not let this key use this model from here (403)", "check the key's project, model and region"),
    404: ("knows no such address or model (404)", f"{_ADDRESS} and OFFHOOK_OPENAI_MODEL"),
    429: ("has too many requests from this key, or its credit is used up (429)", "check the account's limits"),
}


def is_used(settings: Settings) -> bool:
    """Whether calls may be answered by it, as far as settings say; an agent may name it too."""
    return settings.engine == "openai" or settings.openai_api_key is not None


async def engine_reachable(settings: Settings, limit_s: float) -> Finding:
    """Open a session as a call would, wait for its first event, and close it. No sound is sent."""
    url = with_model(settings.openai_url, settings.openai_model)
    key = settings.openai_api_key
    opening = await open_session(url, bearer(key.get_secret_value() if key else ""), limit_s)
    return judge(opening, urlsplit(url).netloc, limit_s, has_key=key is not None)


def judge(opening: Opening, host: str, limit_s: float, *, has_key: bool) -> Finding:
    """What became of the session, in words."""
    match opening:
        case Created():
            return ok(NAME, f"{host} opened a session")
        case Unreached(why):
            return failed(NAME, why.detail, why.remedy)
        case Refused(status):
            return _refused(host, status, has_key=has_key)
        case Silent():
            return warning(NAME, f"{host} took the connection, but said nothing within {limit_s:g} s", _ADDRESS)
        case HungUp():
            return failed(NAME, f"{host} took the connection and closed it at once", _ADDRESS)
        case Complained("invalid_api_key"):
            return failed(NAME, f"{host} does not accept the key", _KEY)
        case Complained(_, said):
            return failed(NAME, f"{host} refused the session: {said}", "check the account, and OFFHOOK_OPENAI_MODEL")
        case _:
            return failed(NAME, f"{host} answers, but not as a realtime engine", _ADDRESS)


def _refused(host: str, status: int | None, *, has_key: bool) -> Finding:
    if status == 401 and not has_key:
        return ok(NAME, f"{host} is reachable; it asks for a key")
    if status in _REFUSALS:
        detail, remedy = _REFUSALS[status]
        return failed(NAME, f"{host} {detail}", remedy)
    if status is not None and status >= 500:
        return failed(NAME, f"{host} answers HTTP {status}", "try again; status.openai.com tells of failures")
    said = "HTTP" if status is None else f"HTTP {status}"
    return failed(NAME, f"{host} answers, but not as a realtime engine ({said})", _ADDRESS)
