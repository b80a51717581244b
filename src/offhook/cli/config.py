"""``offhook config``: what is set, and where it came from."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from offhook.settings import Reading, Setting

SHOWN_OF_SECRET = 4
"""So many characters of a secret are shown, its last,"""
LONG_SECRET_CHARS = 24
"""when it is at least this long."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("config")(config)


def config(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show every setting: its value (secrets masked), where it came from, and what it is."""
    from offhook.settings import TABLE, read_settings

    reading = read_settings()
    for warning in reading.warnings:
        typer.echo(f"offhook: {warning}", err=True)
    if as_json:
        import json

        typer.echo(json.dumps([_record(setting, reading) for setting in TABLE], indent=2, ensure_ascii=False))
    else:
        _print_table([_row(setting, reading) for setting in TABLE])


def _record(setting: "Setting", reading: "Reading") -> dict[str, Any]:
    return {
        "name": setting.name,
        "variable": setting.variable,
        "value": _value(setting, reading),
        "origin": reading.origins[setting.name].value,
        "secret": setting.secret,
        "description": setting.description,
    }


def _row(setting: "Setting", reading: "Reading") -> tuple[str, str, str, str]:
    match value := _value(setting, reading):
        case _ if value in (None, [], {}):
            shown = "not set"
        case "":
            shown = "empty"
        case list():
            shown = ",".join(value)
        case dict():
            shown = "\n".join(f"{dialled} → {agent}" for dialled, agent in value.items())
        case float():
            shown = f"{value:g}"
        case _:
            shown = str(value)
    origin = reading.origins[setting.name].value
    if origin == "file" and reading.file:
        origin = reading.file.name
    return setting.variable or f"[{setting.name}]", shown, origin, setting.description


def _value(setting: "Setting", reading: "Reading") -> Any:
    """The value as JSON has it; a secret is only said to be set."""
    value = getattr(reading.settings, setting.name)
    if setting.secret:
        return None if value is None else _masked(value.get_secret_value())
    return list(value) if isinstance(value, tuple) else value


def _masked(secret: str) -> str:
    return f"set, ends in {secret[-SHOWN_OF_SECRET:]}" if len(secret) >= LONG_SECRET_CHARS else "set"


def _print_table(rows: list[tuple[str, str, str, str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("name, and what it is", overflow="fold", min_width=34, ratio=1)
    table.add_column("value", overflow="fold")
    table.add_column("from", overflow="fold")
    for name, value, origin, description in rows:
        # Text, because square brackets in a value are not markup.
        what = Text(name, style="bold").append(f"\n{description}", style="not bold dim")
        table.add_row(what, Text(value, style="" if origin == "default" else "bold"), Text(origin))
    Console().print(table)
