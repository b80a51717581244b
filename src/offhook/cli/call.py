"""``offhook call``: place a call through the running gateway."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def call(
        to: Annotated[str, typer.Argument(help="Whom to call: +15550002222, or sip:user@host.")],
        caller_id: Annotated[
            str | None, typer.Option("--from", help="The caller id; else OFFHOOK_TWILIO_NUMBER.")
        ] = None,
        agent: Annotated[str | None, typer.Option(help="Who speaks, by name.")] = None,
        engine: Annotated[str | None, typer.Option(help="What answers.")] = None,
        metadata: Annotated[list[str] | None, typer.Option("--meta", help="A fact for the agent: key=value.")] = None,
        url: Annotated[str | None, typer.Option(help="The gateway, if not the one of these settings.")] = None,
    ) -> None:
        """Place a call."""
        from offhook.cli.remote import RemoteGateway

        facts = dict(_fact(item) for item in metadata or ())
        wanted = {"to": to, "from": caller_id, "agent": agent, "engine": engine, "metadata": facts}
        placed = RemoteGateway(url).ask("POST", "/api/calls", {k: v for k, v in wanted.items() if v is not None})
        typer.echo(f"{placed['id']}: {placed['caller']} calls {placed['dialled']}, {placed['state']}")


def _fact(item: str) -> tuple[str, str]:
    key, equals, value = item.partition("=")
    if not (key and equals):
        raise typer.BadParameter(f"{item!r} is not key=value", param_hint="--meta")
    return key, value
