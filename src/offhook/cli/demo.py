"""``offhook demo``: one call with nothing configured."""

from pathlib import Path
from typing import Annotated, Final

import typer

FAILED: Final = 1
"""Exit code when the call did not go as it should have."""
INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def demo(
        out: Annotated[
            Path, typer.Option("--out", metavar="DIR", help="Where call.wav and call.json go.", file_okay=False)
        ] = Path("out"),
        agent_log: Annotated[bool, typer.Option("--agent-log", help="Show the gateway's log, too.")] = False,
    ) -> None:
        """Hear it work: a caller rings, speaks, interrupts and is answered. Needs no keys and no network."""
        import asyncio
        import sys
        from io import TextIOWrapper

        from rich.console import Console

        from offhook.demo.failure import DemoFailed
        from offhook.demo.performance import perform
        from offhook.demo.screen import Screen

        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # an old terminal may lack a letter; that is no reason to stop
        try:
            out.mkdir(parents=True, exist_ok=True)
            asyncio.run(perform(Screen(Console(highlight=False)), out, show_log=agent_log))
        except DemoFailed as failure:
            for line in () if agent_log else failure.log:
                typer.echo(f"  | {line}", err=True)
            typer.echo(f"offhook demo: {failure}", err=True)
            raise typer.Exit(FAILED) from None
        except OSError as error:
            typer.echo(f"offhook demo: {error}", err=True)
            raise typer.Exit(FAILED) from None
        except (KeyboardInterrupt, asyncio.CancelledError):
            typer.echo("offhook demo: stopped", err=True)
            raise typer.Exit(INTERRUPTED) from None
