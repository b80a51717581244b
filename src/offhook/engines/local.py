"""``offhook speech``: the embedded engine, with ears and a voice of its own and, unless it is given one, no model.

It speaks the protocol of ``realtime/`` with one addition. A model reads from instructions what callers may want; a
dialogue without one is told what they say: the agent's examples, its tools' phrases, its greeting. They go into the
set-up as ``hints``, in the form of ``dialogue/hints``. Other servers refuse that, so other engines do not send it.
"""

import ssl
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from offhook.calls.engine import Brief, EngineSession
from offhook.dialogue.hints import Hints
from offhook.engines.realtime.address import bearer, tls_for, with_model
from offhook.engines.realtime.connect import open_session
from offhook.engines.realtime.setup import session_config
from offhook.errors import EngineError, WireError
from offhook.telemetry.logs import get_logger
from offhook.telemetry.measures import Measures

LOCAL: Final = "local"
"""The engine's name."""

MODEL: Final = "local"
"""What the protocol wants named. There is one of everything, for the dialogue and for writing down what callers say."""

_log = get_logger(__name__)


@dataclass(frozen=True)
class LocalEngine:
    """Opens sessions at ``url`` (``ws://…/v1/realtime``); an empty key is not sent."""

    url: str
    api_key: str = field(repr=False)
    connect_within_s: float
    name: str = LOCAL
    uplink_ms: int = 20
    """So much of the caller's sound goes into one message."""
    measures: Measures = field(default_factory=Measures, repr=False)

    async def open(self, brief: Brief) -> EngineSession:
        """Raises EngineError."""
        try:
            config = local_config(brief)
        except WireError as error:
            raise EngineError(self.name, error.reason, retryable=False) from error
        return await open_session(
            self.name,
            self._address,
            bearer(self.api_key),
            brief,
            config=config,
            within_s=self.connect_within_s,
            tls=self._tls,
            uplink_ms=self.uplink_ms,
            measures=self.measures,
        )

    async def warm(self, brief: Brief, agent: str) -> None:
        """Have the server learn an agent before anybody calls, who would wait for it: open a session, and close it.

        A failure is logged. It is not one of any call, and a server that was not there yet may be when one comes.
        """
        try:
            session = await self.open(brief)
        except EngineError as error:
            _log.warning("an agent was not learnt ahead of its calls", agent=agent, reason=error.reason)
        else:
            session.close()

    @cached_property
    def _address(self) -> str:
        return with_model(self.url, MODEL)

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        return tls_for(self.url)


def local_config(brief: Brief) -> dict[str, Any]:
    """The body of session.update, with what the agent gives as hints. Raises WireError for more than may be sent."""
    phrases = {tool.name: tool.phrases for tool in brief.tools if tool.phrases}
    hints = Hints(brief.examples, phrases, brief.greeting).to_json()
    return session_config(brief, MODEL) | ({"hints": hints} if hints else {})
