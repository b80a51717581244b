"""The embedded engine: are its parts installed, and does the speech server answer."""

from urllib.parse import urlsplit

from offhook.doctor.finding import Finding, failed, ok, warning
from offhook.doctor.opening import Complained, Created, Opening, Refused, Silent, Unreached, open_session
from offhook.engines.local import MODEL
from offhook.engines.realtime.address import bearer, with_model
from offhook.settings import Settings, is_loopback
from offhook.speech.parts import INSTALL, PARTS, missing_parts

NAME = "speech server"
PARTS_NAME = "speech parts"

_ADDRESS = "check OFFHOOK_SPEECH_URL"
_KEY = "set OFFHOOK_SPEECH_API_KEY to the same value here and there"
_REFUSALS = {
    401: ("does not accept the key (401)", _KEY),
    403: ("does not let this machine in (403)", _KEY),
    404: ("knows no such address (404)", f"{_ADDRESS}; its path is /v1/realtime"),
    503: ("has no room for another session (503)", "raise OFFHOOK_SPEECH_SESSIONS there, or start another"),
}


def is_used(settings: Settings) -> bool:
    """Whether calls may be answered by it, as far as settings say; an agent may name it too."""
    return settings.engine == "local" or settings.speech_url is not None


def parts_installed(settings: Settings, parts: tuple[str, ...] = PARTS) -> Finding | None:
    """Look for the modules without loading them; None where the speech server runs on another machine."""
    if settings.speech_url is not None and not is_loopback(urlsplit(settings.speech_url).hostname or ""):
        return None
    missing = ", ".join(missing_parts(parts))
    if not missing:
        return ok(PARTS_NAME, "all of offhook[local] is installed")
    if settings.speech_url is not None:  # it may run in a container, with a Python of its own
        return warning(
            PARTS_NAME, f"not installed here: {missing}", f"{INSTALL}, if the speech server uses this Python"
        )
    return failed(PARTS_NAME, f"not installed: {missing}", INSTALL)


async def speech_server_reachable(settings: Settings, limit_s: float) -> Finding:
    """Open a session as a call would, wait for its first event, and close it."""
    if settings.speech_url is None:
        return ok(NAME, "OFFHOOK_SPEECH_URL is not set; `offhook serve` starts one of its own")
    url = with_model(settings.speech_url, MODEL)
    key = settings.speech_api_key
    opening = await open_session(url, bearer(key.get_secret_value() if key else ""), limit_s)
    return judge(opening, urlsplit(url).netloc, limit_s, has_key=key is not None)


def judge(opening: Opening, host: str, limit_s: float, *, has_key: bool) -> Finding:
    """What became of the session, in words."""
    match opening:
        case Created():
            return ok(NAME, f"{host} opened a session")
        case Unreached(why):
            return failed(NAME, why.detail, "start `offhook speech` there" if why.nobody_there else why.remedy)
        case Refused(401) if not has_key:
            return failed(NAME, f"{host} asks for a key (401)", _KEY)
        case Refused(int(status)) if status in _REFUSALS:
            detail, remedy = _REFUSALS[status]
            return failed(NAME, f"{host} {detail}", remedy)
        case Refused(int(status)) if status >= 500:
            return failed(NAME, f"{host} answers HTTP {status}", "see the log of `offhook speech`")
        case Complained(_, said):
            return failed(NAME, f"{host} refused the session: {said}", "see the log of `offhook speech`")
        case Silent():
            return failed(NAME, f"{host} took the connection, but said nothing within {limit_s:g} s", _ADDRESS)
        case _:
            return failed(NAME, f"{host} answers, but not as a speech server", _ADDRESS)
