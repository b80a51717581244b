"""OpenAI Realtime (GA), or any server that speaks its protocol at another address."""

import ssl
from dataclasses import dataclass, field
from functools import cached_property

from offhook.calls.engine import Brief, EngineSession
from offhook.engines.realtime.address import bearer, tls_for, with_model
from offhook.engines.realtime.connect import open_session
from offhook.engines.realtime.setup import session_config
from offhook.telemetry.measures import Measures


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
    uplink_ms: int = 20
    """So much of the caller's sound goes into one message."""
    measures: Measures = field(default_factory=Measures, repr=False)

    async def open(self, brief: Brief) -> EngineSession:
        """Raises EngineError."""
        return await open_session(
            self.name,
            self._address,
            bearer(self.api_key),
            brief,
            config=session_config(brief, self.transcription_model),
            within_s=self.connect_within_s,
            tls=self._tls,
            uplink_ms=self.uplink_ms,
            measures=self.measures,
        )

    @cached_property
    def _address(self) -> str:
        return with_model(self.url, self.model)

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        return tls_for(self.url)
