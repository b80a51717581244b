"""Who may come in, given what is set.

Twilio signs what it sends with the account's auth token, and the API asks for a bearer token. Where one of these is not
set, that door opens to this machine only: a peer on loopback that names a loopback host and was not forwarded. A public
address or a wider host would undo that rule (behind a tunnel the whole world looks like loopback), so together they are
an error: an open webhook or API places calls at the owner's cost. The speech server obeys the same rule: whoever can
open sessions there uses up what callers need.
"""

import ipaddress
from dataclasses import dataclass

from offhook.errors import SettingsError
from offhook.settings.schema import Settings, variable_of
from offhook.settings.shape import MIN_SECRET_CHARS
from offhook.settings.table import example_of

_KEYS = {
    "twilio_auth_token": "without it anyone could send webhooks and open streams",
    "api_token": "without it anyone could place and end calls",
}


@dataclass(frozen=True, slots=True)
class Access:
    """Which doors are open to this machine only."""

    carrier_loopback_only: bool
    """Webhooks and media streams: there is no Twilio auth token to check a signature with."""
    api_loopback_only: bool
    """The API: there is no token to ask for."""

    @classmethod
    def of(cls, settings: Settings) -> "Access":
        """The doors as these settings leave them."""
        return cls(
            carrier_loopback_only=settings.twilio_auth_token is None, api_loopback_only=settings.api_token is None
        )


def is_loopback(host: str) -> bool:
    """True for ``localhost`` and for loopback addresses, also mapped into IPv6 (RFC 4291 section 2.5.5.2)."""
    name = host.strip().rstrip(".").lower()
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def require_safe_access(settings: Settings) -> Access:
    """Return who may come in. Raises SettingsError when a door without a key could be reached from outside."""
    exposed = _exposure(settings)
    if exposed:
        for name, danger in _KEYS.items():
            if getattr(settings, name) is None:
                raise SettingsError(variable_of(name), f"must be set when {exposed}: {danger}", example_of(name))
    return Access.of(settings)


def require_safe_speech_access(settings: Settings) -> None:
    """Raises SettingsError when a speech server without a key could be reached from outside."""
    if settings.speech_api_key is None and not is_loopback(settings.speech_host):
        reason = f"must be set when {variable_of('speech_host')} is {settings.speech_host}: anyone could open sessions"
        raise SettingsError(variable_of("speech_api_key"), reason, example_of("speech_api_key"))


def access_warnings(settings: Settings) -> tuple[str, ...]:
    """One line for each door that is open to this machine only, or has a weak key."""
    access = Access.of(settings)
    lines = []
    if access.carrier_loopback_only:
        lines.append("webhooks and streams are accepted from this machine only: OFFHOOK_TWILIO_AUTH_TOKEN is not set")
    if access.api_loopback_only:
        lines.append("the API answers this machine only: OFFHOOK_API_TOKEN is not set")
    elif settings.api_token is not None and len(settings.api_token.get_secret_value()) < MIN_SECRET_CHARS:
        lines.append(f"OFFHOOK_API_TOKEN can be guessed: it is shorter than {MIN_SECRET_CHARS} characters")
    return tuple(lines)


def _exposure(settings: Settings) -> str | None:
    if settings.public_url is not None:
        return f"{variable_of('public_url')} is"
    if not is_loopback(settings.host):
        return f"{variable_of('host')} is {settings.host}"
    return None
