"""Which engines a gateway has, given what is set and who answers."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.gateway import CALLER, DIALLED, NOWHERE, logged, network, running_gateway
from tests.waiting import eventually

from offhook.agents.agent import Agent
from offhook.calls.call import Call
from offhook.errors import AgentError, CallRefused, SettingsError
from offhook.loadtest.far_end import FarEnd, Script
from offhook.settings import Settings
from offhook.wiring import build, lacks_speech

SPEECH = "ws://127.0.0.1:9/v1/realtime"
KEY = SecretStr("sk-key")
VENDOR = Settings().openai_url
OTHER = {"+15550006666": "tests.gateway:OTHER_AGENT"}
"""To an agent that names no engine."""


def wrong(agent: Agent, **given: Any) -> str:
    with pytest.raises((SettingsError, AgentError)) as error:
        build(Settings(**given), agent)
    return str(error.value)


async def answering(agent: Agent, **given: Any) -> str:
    """The name of the engine that answers that agent's calls."""
    async with running_gateway(agent, **given) as running:
        call = running.gateway.switchboard.ring("CA1", CALLER, DIALLED, agent)
        assert isinstance(call, Call)
        return call.engine_name


def test_the_vendors_key_is_asked_for_where_calls_would_go_there() -> None:
    told = "OFFHOOK_OPENAI_API_KEY: must be set to talk to OpenAI; for example OFFHOOK_OPENAI_API_KEY=sk-..."

    assert wrong(Agent()) == told
    assert wrong(Agent(engine="openai"), engine="local", speech_url=SPEECH) == told
    assert wrong(Agent(engine="local"), speech_url=SPEECH, routes=OTHER) == told


async def test_no_key_is_asked_for_where_nobody_uses_the_vendor() -> None:
    nothing = {"openai_url": VENDOR, "openai_api_key": None, "speech_url": SPEECH}

    assert await answering(Agent(), engine="local", **nothing) == "local"
    assert await answering(Agent(engine="local"), **nothing) == "local"
    assert await answering(Agent(), engine="local", routes=OTHER, **nothing) == "local"


async def test_each_agent_has_the_engine_it_names() -> None:
    both = {"openai_url": NOWHERE, "speech_url": SPEECH}

    assert await answering(Agent(engine="local"), engine="openai", **both) == "local"
    assert await answering(Agent(engine="openai"), engine="local", **both) == "openai"


def test_an_engine_that_somebody_names_needs_a_speech_server() -> None:
    told = (
        "OFFHOOK_SPEECH_URL: must be set to talk to a speech server; "
        "for example OFFHOOK_SPEECH_URL=ws://127.0.0.1:8790/v1/realtime"
    )

    assert wrong(Agent(), engine="local") == told
    assert wrong(Agent(engine="local"), openai_api_key=KEY) == told


def test_a_speech_server_is_lacking_where_an_agent_uses_one_and_none_is_named() -> None:
    assert lacks_speech(Settings(engine="local"), Agent())
    assert lacks_speech(Settings(), Agent(engine="local"))
    assert lacks_speech(Settings(engine="local", routes=OTHER), Agent(engine="openai"))

    assert not lacks_speech(Settings(), Agent())
    assert not lacks_speech(Settings(engine="local"), Agent(engine="openai"))
    assert not lacks_speech(Settings(engine="local", speech_url=SPEECH), Agent())


def test_an_engine_that_does_not_exist_is_told_with_those_that_do() -> None:
    told = "agent desk: there is no engine 'steam'; there are: openai, local"

    assert wrong(Agent(name="desk", engine="steam")) == told
    assert wrong(Agent(name="desk", engine="steam"), engine="local") == told


async def test_a_call_that_is_placed_may_take_any_engine_that_is_set_up() -> None:
    outbound: dict[str, Any] = {"public": True, "dial_allow": "*", "twilio_api_url": "http://127.0.0.1:9"}
    async with running_gateway(Agent(), speech_url=SPEECH, calls_per_second=100, **outbound) as both:
        place = both.gateway.switchboard.place
        assert place(DIALLED, CALLER, Agent(), engine="local").engine_name == "local"
        assert place(DIALLED, CALLER, Agent()).engine_name == "openai"

    async with running_gateway(Agent(), **outbound) as one:
        with pytest.raises(CallRefused, match="there is no engine 'local' here; there are: openai"):
            one.gateway.switchboard.place(DIALLED, CALLER, Agent(), engine="local")


async def test_a_caller_of_an_agent_that_names_local_talks_with_the_speech_server() -> None:
    key = "a-key-of-the-speech-server"
    async with (
        FarEnd(Script(), api_key=key) as speech,
        network(
            agent=Agent(engine="local"),
            openai_url=VENDOR,
            openai_api_key=None,
            speech_url=speech.url,
            speech_api_key=key,
        ) as net,
    ):
        await eventually(lambda: speech.sessions)  # the one ahead of all calls
        line = await net.connected()
        await eventually(lambda: len(speech.sessions) == 2 and speech.sessions[1].config.audio.input.transcription)

        assert net.of(line).engine == "local"
        assert speech.sessions[1].config.model == "local"
        assert net.far_end.sessions == []


async def test_every_agent_of_the_speech_server_is_learnt_before_somebody_calls() -> None:
    desk = Agent(name="desk", instructions="You are the desk.", engine="local", transfer_to=["+15550009999"])

    @desk.tool
    async def opening_hours() -> str:
        """When we are open."""
        return "always"

    async with (
        FarEnd(Script()) as speech,
        running_gateway(desk, engine="local", speech_url=speech.url, routes=OTHER) as running,
    ):
        await eventually(lambda: len(speech.sessions) == 2 and speech.sessions[1].config.instructions)
        first, second = (session.config for session in speech.sessions)

        assert running.gateway.switchboard.calls() == []
        assert (first.instructions, second.instructions) == ("You are the desk.", "Be another.")
        assert [tool.name for tool in first.tools] == ["opening_hours", "end_call", "transfer_call"]


async def test_agents_of_another_engine_open_no_session_ahead() -> None:
    async with FarEnd(Script()) as vendor, FarEnd(Script()) as speech:
        given: dict[str, Any] = {"openai_url": vendor.url, "speech_url": speech.url, "routes": OTHER}
        async with running_gateway(Agent(engine="local"), engine="openai", **given):
            await eventually(lambda: speech.sessions and speech.sessions[0].config.model == "local")

        assert len(speech.sessions) == 1
        assert vendor.sessions == []


async def test_a_gateway_whose_speech_server_is_not_there_yet_serves_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running_gateway(Agent(engine="local"), speech_url=SPEECH) as running, running.http() as http:
        await eventually(lambda: logged(caplog, "an agent was not learnt ahead of its calls"))

        assert (await http.get("/readyz")).status_code == 200


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"Sorry", "is not TwiML: it is not well-formed XML"),
        (b"<Request/>", "is not TwiML: its root is <Request>, not <Response>"),
        (b"<Response>" + b" " * 1_000_000, "is not TwiML: it is over 65536 bytes"),
    ],
)
def test_a_busy_document_that_is_none_stops_the_start_with_one_line(
    tmp_path: Path, content: bytes | None, fault: str
) -> None:
    path = tmp_path / "busy.xml"
    if content is not None:
        path.write_bytes(content)
    told = wrong(Agent(), openai_url=NOWHERE, busy_twiml=str(path))

    assert told.startswith(f"OFFHOOK_BUSY_TWIML: {path} {fault}")
    assert told.endswith("; for example OFFHOOK_BUSY_TWIML=busy.xml")
    assert "\n" not in told
