"""``offhook serve``: the gateway."""

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
        from offhook.settings import access_warnings, read_settings
        from offhook.telemetry.logs import configure_logs, get_logger
        from offhook.wiring import build

        reading = read_settings()
        configure_logs(reading.settings)
        log = get_logger("offhook")
        gateway = build(reading.settings, load(agent) if agent else DEFAULT_AGENT)
        for warning in (*reading.warnings, *access_warnings(reading.settings)):
            log.warning(warning)
        for line in instructions(reading.settings, gateway.routes.default):
            typer.echo(line, err=True)
        log.info(
            "serving",
            host=reading.settings.host,
            port=reading.settings.port,
            agent=gateway.routes.default.name,
            engine=gateway.routes.default.engine or reading.settings.engine,
            max_calls=reading.settings.max_calls_per_worker,
        )
        gateway.server().run()


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
