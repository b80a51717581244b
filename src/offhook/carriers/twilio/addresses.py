"""The URLs of ours that Twilio is told, and those it was told when it comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

WEBHOOK_PREFIX: Final = "/twilio/"
VOICE_PATH: Final = "/twilio/voice"
STATUS_PATH: Final = "/twilio/status"
RESUME_PATH: Final = "/twilio/resume"
TRANSFERRED_PATH: Final = "/twilio/transferred"
MEDIA_PREFIX: Final = "/ws/media/"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where we are, as Twilio sees it: ``https://voice.example.com``, without a path."""

    origin: str

    @staticmethod
    def of(public_url: str | None, scheme: str, headers: Mapping[str, str]) -> "Addresses":
        """From the setting, else from what the request says of itself: its Host, or what proxies said it was.

        Headers of proxies can be forged by anyone. What is made of them is only compared with signatures, which
        cannot, or told back to whoever sent it.
        """
        if public_url is not None:
            return Addresses(public_url)
        host = _first(headers.get("x-forwarded-host")) or headers.get("host", "")
        proto = _first(headers.get("x-forwarded-proto")) or scheme
        return Addresses(f"{'https' if proto in ('https', 'wss') else 'http'}://{host}")

    def webhook(self, path_and_query: str) -> str:
        """An HTTP address of ours."""
        return self.origin + path_and_query

    def stream(self, path: str) -> str:
        """A WebSocket address of ours."""
        return "ws" + self.origin.removeprefix("http") + path

    def media(self, worker: str, call_id: str, token: str) -> str:
        """Where the stream of a call is to be opened. The worker is a hint for balancers."""
        return self.stream(f"{MEDIA_PREFIX}{worker}/{call_id}/{token}")

    def resume(self, call_id: str) -> str:
        """Where to ask what comes after a stream."""
        return self.webhook(f"{RESUME_PATH}?call={call_id}")

    def transferred(self, call_id: str) -> str:
        """Where to tell how a transfer ended."""
        return self.webhook(f"{TRANSFERRED_PATH}?call={call_id}")

    def voice(self, call_id: str) -> str:
        """Where to ask what to do with an outbound call that was answered."""
        return self.webhook(f"{VOICE_PATH}?call={call_id}")

    def status(self, call_id: str) -> str:
        """Where to tell where an outbound call stands; it may be told before we know the carrier's id of it."""
        return self.webhook(f"{STATUS_PATH}?call={call_id}")


def _first(value: str | None) -> str:
    return value.split(",")[0].strip() if value else ""
