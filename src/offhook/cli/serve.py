"""``offhook serve``: the gateway."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from offhook.agents.agent import Agent
    from offhook.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def serve(
        agent: Annotated[
            str | None,
            typer.Argument(
                help="What answers, as module:attribute; a friendly assistant if not given.", metavar="[MODULE:AGENT]"
            ),
        ] = None,
    ) -> None:
        """Answer calls. Prints what to enter in Twilio's console."""
        from offhook.agents.builtin import DEFAULT_AGENT
        from offhook.agents.loading import load
        from offhook.cli.collection import tame
        from offhook.settings import LanguageModel, access_warnings, read_settings
        from offhook.telemetry.logs import configure_logs, get_logger
        from offhook.wiring import build, lacks_speech

        reading = read_settings()
        settings = reading.settings
        configure_logs(settings)
        log = get_logger("offhook")
        answers = load(agent) if agent else DEFAULT_AGENT
        with ExitStack() as undo:
            if lacks_speech(settings, answers):
                from offhook.settings.schema import MOST_SPEECH_SESSIONS, variable_of
                from offhook.speech.parts import require_parts
                from offhook.speech.supervisor import speech_process

                require_parts()
                LanguageModel.of(settings)
                # As many sessions as there may be calls: a caller who is answered should be heard.
                sessions = min(MOST_SPEECH_SESSIONS, max(settings.speech_sessions, settings.max_calls_per_worker))
                room = {variable_of("speech_sessions"): str(sessions)}
                settings = settings.model_copy(update={"speech_url": undo.enter_context(speech_process(room))})
            gateway = build(settings, answers)
            for warning in (*reading.warnings, *access_warnings(settings)):
                log.warning(warning)
            for line in instructions(settings, gateway.routes.default):
                typer.echo(line, err=True)
            log.info(
                "serving",
                host=settings.host,
                port=settings.port,
                agent=gateway.routes.default.name,
                engine=gateway.routes.default.engine or settings.engine,
                max_calls=settings.max_calls_per_worker,
            )
            server = gateway.server()
            server.config.load()
            tame()
            server.run()


def instructions(settings: "Settings", agent: "Agent") -> list[str]:
    """What to do next, for whoever started it."""
    from offhook.carriers.twilio.addresses import STATUS_PATH, VOICE_PATH

    if settings.public_url is None:
        local = f"http://{settings.host}:{settings.port}"
        return [
            f"Offhook answers on {local}; the agent is {agent.name!r}.",
            "To take calls from Twilio it needs an address that Twilio can reach. Set OFFHOOK_PUBLIC_URL to it",
            f"(a tunnel to {local} will do), OFFHOOK_TWILIO_AUTH_TOKEN and OFFHOOK_API_TOKEN; `offhook doctor` checks.",
        ]
    return [
        f"Offhook answers at {settings.public_url}; the agent is {agent.name!r}.",
        "In Twilio's console: Phone Numbers > Manage > Active numbers > your number > Voice Configuration",
        f"  A call comes in      Webhook   {settings.public_url}{VOICE_PATH}   HTTP POST",
        f"  Call status changes            {settings.public_url}{STATUS_PATH}  HTTP POST",
        "Save, and call the number.",
    ]
