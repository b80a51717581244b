"""What is rung, and what is known about it."""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

VOICE_PATH: Final = "/twilio/voice"
"""Of a gateway that only the base was given of."""

USUAL_ACCOUNT_SID: Final = "AC" + "0" * 32


@dataclass(frozen=True, slots=True)
class Target:
    """A gateway. What is not known of it is not measured, and told as such."""

    voice_url: str
    """Where a call's first webhook goes."""
    auth_token: str = ""
    """Signs the webhooks, as the carrier would."""
    account_sid: str = USUAL_ACCOUNT_SID
    pid: int | None = None
    """Its process, if it runs on this machine and shall be watched."""
    stats_url: str | None = None
    """Of the scripted far end that it uses, if it does. Replies then come at real pace, and the far end tells how late
    callers' sound is and how long it takes itself."""
    far_end_pid: int | None = None

    @property
    def is_scripted(self) -> bool:
        """The far end is ours."""
        return self.stats_url is not None


def voice_url_of(url: str) -> str:
    """The webhook of a gateway: ``url`` itself, with VOICE_PATH if it names no path. ValueError if it is no address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no http or https address; write http://127.0.0.1:8000")
    if parts.path in ("", "/"):
        parts = parts._replace(path=VOICE_PATH)
    return parts.geturl()


def port_of(url: str) -> int:
    """Where it listens."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def is_loopback(url: str) -> bool:
    """The address is on this machine, by its name."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
