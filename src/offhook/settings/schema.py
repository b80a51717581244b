"""The settings: names, defaults, limits with their units, and what each is for."""

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from offhook.settings.shape import (
    E164,
    FILE,
    HOST,
    KEY,
    MODEL,
    MODEL_OR_OFF,
    NETWORKS,
    PREFIXES,
    ROUTES,
    SECRET,
    TWILIO_ACCOUNT,
    WEB_BASE,
    WEB_ORIGIN,
    WEBSOCKET_URL,
    one_of,
)

ENGINES: Final = ("openai", "local")
MOST_SPEECH_SESSIONS: Final = 1000
LOG_LEVELS: Final = ("debug", "info", "warning", "error")
LOG_FORMATS: Final = ("auto", "json", "console")


def _not_a_truth_value(value: object) -> object:
    # Python counts True as 1, so that `port = true` in a file would be port 1.
    if isinstance(value, bool):
        raise ValueError("a truth value is not a number")
    return value


def _split(value: object) -> object:
    """Make a tuple of ``"+1, +44"``, or of a list in the file."""
    items = value.split(",") if isinstance(value, str) else value
    if isinstance(items, list | tuple) and all(isinstance(item, str) for item in items):
        return tuple(item.strip() for item in items if item.strip())
    return items


Whole = Annotated[int, BeforeValidator(_not_a_truth_value)]
Number = Annotated[float, BeforeValidator(_not_a_truth_value)]


class Settings(BaseSettings):
    """Everything that can be set, as a plain frozen value.

    ``Settings(port=0)`` holds that port and defaults, whatever the environment says; ``load_settings`` reads the
    environment and the file. Raises pydantic's ValidationError, which shows no values, when built from wrong ones.
    """

    model_config = SettingsConfigDict(
        env_prefix="OFFHOOK_",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
    )

    host: Annotated[str, AfterValidator(HOST)] = Field(
        default="127.0.0.1",
        examples=["0.0.0.0"],
        description="The address that the gateway listens on.",
    )
    port: Whole = Field(
        default=8000,
        ge=0,
        le=65535,
        examples=[8000],
        description="The TCP port that the gateway listens on; 0 takes a free one.",
    )
    public_url: Annotated[str | None, AfterValidator(WEB_ORIGIN)] = Field(
        default=None,
        examples=["https://voice.example.com"],
        description="Where the carrier reaches the gateway from outside, through a proxy or a tunnel. "
        "Not set: the host that each request names.",
    )

    engine: Annotated[str, AfterValidator(one_of(ENGINES))] = Field(
        default="openai", examples=["openai"], description="The speech engine that answers, where an agent names none."
    )
    openai_url: Annotated[str, AfterValidator(WEBSOCKET_URL)] = Field(
        default="wss://api.openai.com/v1/realtime",
        examples=["wss://api.openai.com/v1/realtime"],
        description="The address of the OpenAI Realtime API, or of another server that speaks its protocol.",
    )
    openai_api_key: Annotated[SecretStr | None, AfterValidator(KEY)] = Field(
        default=None, examples=["sk-your-key"], description="The key for the OpenAI Realtime API."
    )
    openai_model: Annotated[str, AfterValidator(MODEL)] = Field(
        default="gpt-realtime-2",
        examples=["gpt-realtime-2"],
        description="The realtime model, where an agent names none.",
    )
    openai_transcription_model: Annotated[str, AfterValidator(MODEL_OR_OFF)] = Field(
        default="gpt-4o-mini-transcribe",
        examples=["gpt-4o-mini-transcribe"],
        description="The model that writes down what callers say. "
        "Empty: none, and transcripts hold the agent's side only.",
    )
    engine_connect_seconds: Number = Field(
        default=5,
        gt=0,
        le=60,
        examples=[5],
        description="How long connecting to the engine may take, in seconds.",
    )

    speech_url: Annotated[str | None, AfterValidator(WEBSOCKET_URL)] = Field(
        default=None,
        examples=["ws://127.0.0.1:8790/v1/realtime"],
        description="Where `offhook speech` answers, for the engine local. "
        "Not set: `offhook serve` starts one of its own, on a free port of this machine, if it is needed.",
    )
    speech_host: Annotated[str, AfterValidator(HOST)] = Field(
        default="127.0.0.1",
        examples=["0.0.0.0"],
        description="The address that `offhook speech` listens on.",
    )
    speech_port: Whole = Field(
        default=8790,
        ge=0,
        le=65535,
        examples=[8790],
        description="The TCP port that `offhook speech` listens on; 0 takes a free one.",
    )
    speech_sessions: Whole = Field(
        default=64,
        ge=1,
        le=MOST_SPEECH_SESSIONS,
        examples=[64],
        description="How many sessions `offhook speech` has at a time; above this number it refuses connections.",
    )
    speech_api_key: Annotated[SecretStr | None, AfterValidator(KEY)] = Field(
        default=None,
        examples=["replace-with-a-long-random-text"],
        description="The bearer token that `offhook speech` asks for, and that the gateway shows it. "
        "Not set: it answers this machine only.",
    )

    llm_url: Annotated[str | None, AfterValidator(WEB_BASE)] = Field(
        default=None,
        examples=["http://127.0.0.1:11434/v1"],
        description="The base address of a language model for `offhook speech`: any endpoint that speaks OpenAI's "
        "chat completions. Not set: the dialogue does without a model.",
    )
    llm_model: Annotated[str | None, AfterValidator(MODEL)] = Field(
        default=None,
        examples=["llama3.2"],
        description="The language model's name; must be set when OFFHOOK_LLM_URL is.",
    )
    llm_api_key: Annotated[SecretStr | None, AfterValidator(KEY)] = Field(
        default=None,
        examples=["your-key"],
        description="The key for the language model, sent as a bearer token. Not set: none is sent.",
    )

    twilio_account_sid: Annotated[str | None, AfterValidator(TWILIO_ACCOUNT)] = Field(
        default=None,
        examples=["AC0123456789abcdef0123456789abcdef"],
        description="The Twilio account; needed to place, transfer and hang up calls.",
    )
    twilio_auth_token: Annotated[SecretStr | None, AfterValidator(KEY)] = Field(
        default=None,
        examples=["0123456789abcdef0123456789abcdef"],
        description="The account's auth token; it signs what Twilio sends. "
        "Not set: webhooks and streams are accepted from this machine only.",
    )
    twilio_api_url: Annotated[str, AfterValidator(WEB_ORIGIN)] = Field(
        default="https://api.twilio.com",
        examples=["https://api.twilio.com"],
        description="The address of Twilio's REST API.",
    )
    twilio_number: Annotated[str | None, AfterValidator(E164)] = Field(
        default=None, examples=["+15550001111"], description="The number that outbound calls come from."
    )
    dial_allow: Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(PREFIXES)] = Field(
        default=(),
        examples=["+1,+4420"],
        description="Prefixes of the numbers that outbound calls and transfers may go to, separated by commas, or * "
        "for anywhere. Not set: nowhere, because calls to costly numbers are a common fraud.",
    )
    calls_per_second: Number = Field(
        default=1.0,
        gt=0,
        le=100,
        examples=[1],
        description="How many outbound calls may start in a second; Twilio allows a new account 1.",
    )

    api_token: Annotated[SecretStr | None, AfterValidator(KEY)] = Field(
        default=None,
        examples=["replace-with-a-long-random-text"],
        description="The bearer token that the API asks for. Not set: the API answers this machine only.",
    )
    metrics_token: Annotated[SecretStr | None, AfterValidator(KEY)] = Field(
        default=None,
        examples=["replace-with-another-long-random-text"],
        description="A bearer token that opens /metrics and /api/capacity and nothing else, for a scraper or an "
        "autoscaler. Not set: they ask for what the API asks for, which always opens them.",
    )
    secret: Annotated[SecretStr | None, AfterValidator(SECRET)] = Field(
        default=None,
        examples=["replace-with-a-long-random-text"],
        description="Signs the tokens in stream addresses. Not set: the gateway makes its own.",
    )

    max_calls_per_worker: Whole = Field(
        default=200,
        ge=1,
        le=10_000,
        examples=[200],
        description="Calls above this number are refused before they are answered.",
    )
    overload_lag_ms: Whole = Field(
        default=15,
        ge=5,
        le=60_000,
        examples=[15],
        description="New calls are refused while the worker's loop is so late by its own work, in milliseconds, at 2 % "
        "of the looks in five seconds, until it is half as late at less than 1 %. Frames are promised to be less than "
        "20 ms late.",
    )
    busy_twiml: Annotated[str | None, AfterValidator(FILE)] = Field(
        default=None,
        examples=["busy.xml"],
        description="A file of TwiML that answers inbound calls for which there is no room, such as a Dial, a "
        'Redirect or a Say. Not set: `<Reject reason="busy"/>`, which is not billed.',
    )
    account_calls_per_second: Whole = Field(
        default=100,
        ge=1,
        le=10_000,
        examples=[100],
        description="Inbound calls of one Twilio account above this number per second, over ten seconds, "
        "hear that the line is busy.",
    )
    api_requests_per_second: Whole = Field(
        default=100,
        ge=1,
        le=10_000,
        examples=[100],
        description="API requests above this number per second, over ten seconds, are answered 429. "
        "/metrics and /api/capacity are counted apart from the others.",
    )
    strangers_per_minute: Whole = Field(
        default=300,
        ge=1,
        le=1_000_000,
        examples=[300],
        description="Requests per minute without a valid signature or token, from one address or IPv6 /64; "
        "more are answered 429. Who shows a valid one is not held up by them.",
    )
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(NETWORKS)] = Field(
        default=(),
        examples=["10.0.0.0/8"],
        description="Proxies whose X-Forwarded-For tells which address to count a stranger's request for, separated "
        "by commas. Not set: all who come through a proxy are counted together.",
    )
    queue_ms: Whole = Field(
        default=2000,
        ge=100,
        le=60_000,
        examples=[2000],
        description="How much of a caller's sound may wait for the engine, in milliseconds; the oldest is dropped.",
    )
    uplink_ms: Whole = Field(
        default=20,
        ge=20,
        le=100,
        multiple_of=20,
        examples=[20],
        description="How much of a caller's sound goes to the engine in one message, in milliseconds: 20, 40, 60, 80 "
        "or 100. Above 20: fewer messages, later sound.",
    )
    drain_seconds: Number = Field(
        default=30,
        ge=0,
        le=86_400,
        examples=[30],
        description="On shutdown, how long running calls may go on, in seconds.",
    )
    stream_start_seconds: Number = Field(
        default=10,
        gt=0,
        le=300,
        examples=[10],
        description="A media stream that has said nothing for so long after it connected is closed, in seconds.",
    )
    resume_seconds: Number = Field(
        default=10,
        ge=0,
        le=300,
        examples=[10],
        description="How long a call whose line was lost waits for it to come back, in seconds.",
    )
    ended_calls_kept: Whole = Field(
        default=1000,
        ge=0,
        le=100_000,
        examples=[1000],
        description="How many ended calls the API still shows; the oldest is forgotten first.",
    )

    log_level: Annotated[str, AfterValidator(one_of(LOG_LEVELS))] = Field(
        default="info", examples=["info"], description="The least important log lines to write."
    )
    log_format: Annotated[str, AfterValidator(one_of(LOG_FORMATS))] = Field(
        default="auto",
        examples=["json"],
        description="How log lines look; auto is console on a terminal and json elsewhere.",
    )
    routes: Annotated[dict[str, str], AfterValidator(ROUTES)] = Field(
        default={},
        examples=[{"+15550001111": "shop:agent"}],
        description="Which agent answers which dialled number. Only in the file, as the table [routes].",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what is given: ``load`` reads, because it must know where each value came from."""
        return (init_settings,)


def variable_of(name: str) -> str:
    """The environment variable of a setting: ``OFFHOOK_PORT`` for ``port``."""
    return f"{Settings.model_config['env_prefix']}{name.upper()}"
