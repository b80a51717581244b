"""OpenAI Realtime (GA), or any server that speaks its protocol at another address."""

import ssl
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from offhook.calls.engine import Brief, EngineSession
from offhook.engines.realtime.connect import open_session


@dataclass(frozen=True)
class OpenAIEngine:
    """Opens sessions at ``url`` (``wss://…/v1/realtime``) with an API key."""

    url: str
    api_key: str = field(repr=False)
    model: str
    transcription_model: str
    """Empty: the caller's turns are not written down."""
    connect_within_s: float
    name: str = "openai"

    async def open(self, brief: Brief) -> EngineSession:
        """Raises EngineError."""
        return await open_session(
            self.name,
            self._address,
            {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {},
            brief,
            transcription_model=self.transcription_model,
            within_s=self.connect_within_s,
            tls=self._tls,
        )

    @cached_property
    def _address(self) -> str:
        parts = urlsplit(self.url)
        query = parse_qsl(parts.query)
        if not any(name == "model" for name, _ in query):
            query.append(("model", self.model))
        return urlunsplit(parts._replace(query=urlencode(query)))

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        # Once a process: reading the certificate store takes milliseconds, and a context some hundred kilobytes.
        return ssl.create_default_context() if self.url.startswith("wss:") else None
