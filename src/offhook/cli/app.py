"""The commands. Each is a module with ``register(app)``; what a command needs is imported when it runs.

So ``offhook --help`` is quick, and a command never waits for libraries that only another one uses.
"""

from typing import Annotated

import typer

from offhook.cli import call, calls, config, demo, doctor, load, serve, speech

app = typer.Typer(
    name="offhook",
    help="Puts phone calls on the line with speech AI.",
    no_args_is_help=True,
    add_completion=False,
    # Typer's tracebacks can show local variables, and with them secrets.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"offhook {version('offhook')}")
        raise typer.Exit


@app.callback()
def _offhook(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


demo.register(app)
serve.register(app)
speech.register(app)
call.register(app)
calls.register(app)
load.register(app)
config.register(app)
doctor.register(app)
