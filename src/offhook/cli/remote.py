"""Talking to a running gateway, for commands that do."""

from collections.abc import Mapping
from typing import Any

import httpx

from offhook.errors import OffhookError
from offhook.settings import load_settings


class GatewayRefused(OffhookError):
    """The running gateway said no, or is not running."""


class RemoteGateway:
    """The API of a running gateway: the one of these settings, or at ``url``."""

    def __init__(self, url: str | None = None) -> None:
        settings = load_settings()
        host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
        self.url = url or f"http://{host}:{settings.port}"
        token = settings.api_token
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
        self.http = httpx.Client(base_url=self.url, headers=headers, timeout=10)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON of the answer. Raises GatewayRefused with what the gateway said."""
        try:
            answer = self.http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise GatewayRefused(f"no gateway answers at {self.url} ({error}); is `offhook serve` running?") from None
        try:
            content = answer.json()
        except ValueError:
            raise GatewayRefused(f"{self.url} answered HTTP {answer.status_code} and no JSON; is it Offhook?") from None
        if answer.is_error:
            said = content.get("error", content) if isinstance(content, dict) else content
            raise GatewayRefused(f"HTTP {answer.status_code}: {said}")
        return content
