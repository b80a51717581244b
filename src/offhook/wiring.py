"""Builds the gateway out of its parts, from settings. The only place where all rooms meet."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from offhook.agents.agent import Agent
from offhook.agents.builtin import offered_tools
from offhook.agents.loading import load
from offhook.agents.routes import Routes
from offhook.audio.formats import PCMU_8K
from offhook.calls.briefing import brief_of
from offhook.calls.engine import Brief, Engine
from offhook.calls.events import CallEvent
from offhook.calls.facts import CallLimits
from offhook.calls.metering import Meter
from offhook.calls.pacing import Pacing
from offhook.calls.standing import standing
from offhook.calls.switchboard import Capacity, Switchboard
from offhook.calls.tokens import StreamTokens
from offhook.carriers.twilio import twiml
from offhook.carriers.twilio.addresses import WEBHOOK_PREFIX, Addresses
from offhook.carriers.twilio.rest import NoCarrier, TwilioCarrier
from offhook.carriers.twilio.signature import SIGNATURE_HEADER, Signatures
from offhook.door.api import api_routes
from offhook.door.app import make_app
from offhook.door.capacity import capacity_routes
from offhook.door.description import DOCS_PATH, SCHEMA_PATH
from offhook.door.health import health_routes
from offhook.door.live import live_routes
from offhook.door.media import MediaDoor
from offhook.door.metrics import metrics_routes
from offhook.door.proxies import Proxies
from offhook.door.rates import RateLimits, Rates
from offhook.door.server import REQUESTS_FINISH_WITHIN_S, GatewayServer
from offhook.door.slot import make_slot
from offhook.door.webhooks import webhook_routes
from offhook.engines.local import LOCAL, LocalEngine
from offhook.engines.openai import OpenAIEngine
from offhook.errors import AgentError, SettingsError
from offhook.settings import ENGINES, Settings, require_safe_access
from offhook.telemetry.exposition import Exposition
from offhook.telemetry.feed import Feed
from offhook.telemetry.health import Health
from offhook.telemetry.measures import Measures
from offhook.telemetry.pulse import Pulse
from offhook.telemetry.readings import measured, missed
from offhook.wires.twilio_media import MESSAGE_LIMIT_BYTES

WORKER: Final = "w0"
"""The name of the only worker, in the paths of media streams."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """One worker, ready to serve."""

    settings: Settings
    routes: Routes
    switchboard: Switchboard
    feed: Feed[CallEvent]
    app: FastAPI
    media: MediaDoor
    carrier: TwilioCarrier | NoCarrier
    local: LocalEngine | None
    pulse: Pulse

    def server(self) -> GatewayServer:
        """Uvicorn around it."""
        config = uvicorn.Config(
            self.app,
            host=self.settings.host,
            port=self.settings.port,
            loop="uvloop",
            http="httptools",
            ws=make_slot(self.media.upgrade, message_limit_bytes=MESSAGE_LIMIT_BYTES),
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # who stands behind a proxy is judged by signatures and tokens, not by headers
            server_header=False,
            timeout_graceful_shutdown=REQUESTS_FINISH_WITHIN_S,
        )
        return GatewayServer(config, self._drain, warm_up=self._warm_up, pulse=self.pulse)

    async def _warm_up(self) -> None:
        for agent in self.routes.agents:
            if self.local is not None and (agent.engine or self.settings.engine) == LOCAL:
                await self.local.warm(_brief_ahead(agent), agent.name)

    async def _drain(self, now: bool) -> None:
        await self.switchboard.drain(0 if now else self.settings.drain_seconds)
        await self.carrier.aclose()


def build(settings: Settings, agent: Agent) -> Gateway:
    """Put a worker together. Raises SettingsError, AgentError."""
    require_safe_access(settings)
    auth_token = settings.twilio_auth_token.get_secret_value() if settings.twilio_auth_token else None
    api_token = settings.api_token.get_secret_value() if settings.api_token else None
    signatures = Signatures(auth_token) if auth_token else None
    tokens = StreamTokens(_stream_secret(settings, auth_token))
    carrier = _carrier(settings, auth_token)
    feed: Feed[CallEvent] = Feed()
    routes = _routes(settings, agent)
    busy = _busy(settings.busy_twiml)
    proxies = Proxies(settings.trusted_proxies)
    rates = Rates(
        RateLimits(settings.strangers_per_minute, settings.account_calls_per_second, settings.api_requests_per_second)
    )
    measures = Measures()
    engines = _engines(settings, routes, measures)
    _check_engines(routes, engines)
    health = Health(settings.overload_lag_ms / 1000)
    meter = Meter(engines)

    def publish(call_id: str, event: CallEvent) -> None:
        meter.observe(call_id, event)
        feed.publish(call_id, event)

    switchboard = Switchboard(
        carrier,
        engines,
        default_engine=settings.engine,
        capacity=Capacity(settings.max_calls_per_worker, settings.ended_calls_kept),
        limits=CallLimits(settings.queue_ms, settings.resume_seconds, settings.engine_connect_seconds),
        pacing=Pacing(settings.calls_per_second),
        publish=publish,
        may_dial=_dial_rule(settings.dial_allow),
        overloaded=lambda: health.overloaded,
        measures=measures,
        refused=meter.refused,
    )
    media = MediaDoor(
        switchboard,
        tokens,
        signatures,
        public_url=settings.public_url,
        start_within_s=settings.stream_start_seconds,
        rates=rates,
        proxies=proxies,
    )
    app = make_app(
        version=version("offhook"),
        open_routes=[
            webhook_routes(
                switchboard,
                routes,
                tokens,
                signatures,
                public_url=settings.public_url,
                worker=WORKER,
                rates=rates,
                busy=busy,
                refused=meter.refused,
            ),
            health_routes(switchboard, version("offhook")),
        ],
        guarded_routes=[
            api_routes(switchboard, routes, default_caller_id=settings.twilio_number),
            live_routes(feed),
        ],
        watched_routes=[
            capacity_routes(switchboard, WORKER),
            metrics_routes(
                Exposition(
                    WORKER,
                    version("offhook"),
                    [
                        lambda: standing(switchboard, tuple(engines)),
                        meter.readings,
                        lambda: measured(measures),
                        lambda: missed(feed),
                    ],
                )
            ),
        ],
        api_token=api_token,
        metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
        rates=rates,
        proxies=proxies,
        shown=_shown(signatures, api_token),
    )
    local = engines.get(LOCAL)
    return Gateway(
        settings,
        routes,
        switchboard,
        feed,
        app,
        media,
        carrier,
        local if isinstance(local, LocalEngine) else None,
        Pulse(measures.loop_lag_s, health),
    )


def lacks_speech(settings: Settings, agent: Agent) -> bool:
    """An agent answers with the engine ``local``, and no speech server is named."""
    agents = _routes(settings, agent).agents
    return settings.speech_url is None and any((each.engine or settings.engine) == LOCAL for each in agents)


def _brief_ahead(agent: Agent) -> Brief:
    """What a call of the agent would begin with, before there is one."""
    tools = offered_tools(agent).values()
    return brief_of(agent, tools, call_id="warm_up", audio=PCMU_8K, instructions=agent.instructions)


def _routes(settings: Settings, agent: Agent) -> Routes:
    return Routes(agent, {dialled: load(reference) for dialled, reference in settings.routes.items()})


def _engines(settings: Settings, routes: Routes, measures: Measures) -> dict[str, Engine]:
    """The engines that are set up; one that an agent answers with has to be."""
    used = {agent.engine or settings.engine for agent in routes.agents}
    engines: list[Engine] = []
    if settings.openai_api_key is not None or not settings.openai_url.startswith("wss://api.openai.com"):
        engines.append(
            OpenAIEngine(
                url=settings.openai_url,
                api_key=_secret(settings.openai_api_key),
                model=settings.openai_model,
                transcription_model=settings.openai_transcription_model,
                connect_within_s=settings.engine_connect_seconds,
                uplink_ms=settings.uplink_ms,
                measures=measures,
            )
        )
    elif "openai" in used:
        raise SettingsError("OFFHOOK_OPENAI_API_KEY", "must be set to talk to OpenAI", "OFFHOOK_OPENAI_API_KEY=sk-...")
    if settings.speech_url is not None:
        engines.append(
            LocalEngine(
                url=settings.speech_url,
                api_key=_secret(settings.speech_api_key),
                connect_within_s=settings.engine_connect_seconds,
                uplink_ms=settings.uplink_ms,
                measures=measures,
            )
        )
    elif LOCAL in used:
        reason = "must be set to talk to a speech server"
        raise SettingsError("OFFHOOK_SPEECH_URL", reason, "OFFHOOK_SPEECH_URL=ws://127.0.0.1:8790/v1/realtime")
    return {engine.name: engine for engine in engines}


def _secret(key: SecretStr | None) -> str:
    return key.get_secret_value() if key is not None else ""


def _check_engines(routes: Routes, engines: Mapping[str, Engine]) -> None:
    for agent in routes.agents:
        if agent.engine is not None and agent.engine not in engines:
            known = ", ".join(ENGINES)
            raise AgentError(f"agent {agent.name}: there is no engine {agent.engine!r}; there are: {known}")


def _carrier(settings: Settings, auth_token: str | None) -> TwilioCarrier | NoCarrier:
    if settings.twilio_account_sid is None or auth_token is None:
        return NoCarrier()
    # Without a public URL Twilio can still be told to hang up, but not where to ask what comes next.
    addresses = Addresses(settings.public_url) if settings.public_url else None
    return TwilioCarrier(settings.twilio_account_sid, auth_token, api_url=settings.twilio_api_url, addresses=addresses)


def _busy(path: str | None) -> str:
    """What a caller is answered for whom there is no room."""
    if path is None:
        return twiml.busy()
    example = "OFFHOOK_BUSY_TWIML=busy.xml"
    try:
        with Path(path).open("rb") as file:
            return twiml.given(file.read(twiml.DOCUMENT_LIMIT_BYTES + 1))
    except OSError as error:
        raise SettingsError("OFFHOOK_BUSY_TWIML", f"{path} cannot be read: {error.strerror}", example) from None
    except ValueError as error:
        raise SettingsError("OFFHOOK_BUSY_TWIML", f"{path} is not TwiML: {error}", example) from None


def _shown(signatures: Signatures | None, api_token: str | None) -> dict[str, str]:
    """The header without which nobody gets in, by the beginning of the path, where that is so."""
    shown = {}
    if signatures is not None:
        shown[WEBHOOK_PREFIX] = SIGNATURE_HEADER
    if api_token is not None:
        shown |= dict.fromkeys(("/api/", "/metrics", SCHEMA_PATH, DOCS_PATH), "Authorization")
    return shown


def _stream_secret(settings: Settings, auth_token: str | None) -> bytes:
    """What signs stream tokens. Derived, if it is not set, so that it is the same after a restart where it can be."""
    given = settings.secret.get_secret_value() if settings.secret else auth_token
    return sha256(b"offhook stream tokens\n" + given.encode()).digest() if given else secrets.token_bytes(32)


def _dial_rule(prefixes: tuple[str, ...]) -> Callable[[str], bool]:
    """Which numbers may be called. Only ``*`` allows ``sip:`` addresses."""
    if "*" in prefixes:
        return lambda to: True
    return lambda to: to.startswith(prefixes)
