"""``offhook demo``: one call with nothing configured."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from offhook.demo.scenario import Scenario

FAILED: Final = 1
"""Exit code when the call did not go as it should have."""
INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it."""

EPILOG: Final = 'To call with your own words: offhook demo --say "when are you open" "bye bye"'


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(epilog=EPILOG)
    def demo(
        lines: Annotated[
            list[str] | None, typer.Argument(metavar="LINE", help="What the caller says, with --say.")
        ] = None,
        say: Annotated[
            bool, typer.Option("--say", help="The caller says the LINEs given, one a turn, each in quotes.")
        ] = False,
        wav: Annotated[
            Path | None,
            typer.Option("--wav", metavar="FILE", help="The caller sounds like this WAV file.", dir_okay=False),
        ] = None,
        agent: Annotated[
            str | None,
            typer.Option(
                "--agent",
                metavar="MODULE:AGENT",
                help="What answers, in place of a restaurant. Without --say or --wav the caller says its examples.",
            ),
        ] = None,
        stay: Annotated[
            bool, typer.Option("--stay", help="Go on serving after the call, and say how to reach it; Ctrl-C ends it.")
        ] = False,
        out: Annotated[
            Path,
            typer.Option(
                "--out",
                metavar="DIR",
                help="Where call.wav, call.json, call.svg and call.sqlite3 go.",
                file_okay=False,
            ),
        ] = Path("out"),
        agent_log: Annotated[
            bool, typer.Option("--agent-log", help="Show the gateway's and the speech server's log, too.")
        ] = False,
    ) -> None:
        """Hear it work: a caller rings, is understood, interrupts, and books a table. Needs no keys and no network."""
        import asyncio
        import sys
        from io import TextIOWrapper

        from rich.console import Console

        from offhook.demo.failure import DemoFailed
        from offhook.demo.performance import perform
        from offhook.demo.screen import Screen
        from offhook.errors import OffhookError
        from offhook.speech.parts import require_parts

        if lines and not say:
            raise typer.BadParameter(f'to have the caller say this, write --say "{lines[0]}"', param_hint="LINE")
        if say and not lines:
            raise typer.BadParameter("write what the caller says behind it, each line in quotes", param_hint="--say")
        if say and wav is not None:
            raise typer.BadParameter("--say and --wav are two callers; give one", param_hint="--wav")
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # an old terminal may lack a letter; that is no reason to stop
        try:
            require_parts()
            scenario = chosen(lines or [], wav, agent)
            out.mkdir(parents=True, exist_ok=True)
            screen = Screen(Console(highlight=False))
            asyncio.run(perform(screen, out, scenario, show_log=agent_log, stay=stay))
        except DemoFailed as failure:
            for line in () if agent_log else failure.log:
                typer.echo(f"  | {line}", err=True)
            typer.echo(f"offhook demo: {failure}", err=True)
            raise typer.Exit(FAILED) from None
        except (OffhookError, OSError) as error:
            typer.echo(f"offhook demo: {error}", err=True)
            raise typer.Exit(FAILED) from None
        except (KeyboardInterrupt, asyncio.CancelledError):
            typer.echo("offhook demo: stopped", err=True)
            raise typer.Exit(INTERRUPTED) from None


def chosen(lines: list[str], wav: Path | None, agent: str | None) -> "Scenario":
    """Who calls whom. OffhookError, OSError if that cannot be."""
    from datetime import date

    from offhook.demo.scenario import DEMO_AGENT, own_agent, own_lines, own_sound, require_agent, table_for_four

    if agent is not None:
        require_agent(agent)
    if wav is not None:
        return own_sound(wav, agent or DEMO_AGENT)
    if lines:
        return own_lines(lines, agent or DEMO_AGENT)
    return own_agent(agent) if agent is not None else table_for_four(date.today())
