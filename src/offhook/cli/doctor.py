"""``offhook doctor``: what could keep a gateway from working here."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from offhook.doctor import Finding

STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Leave out what asks other machines.")] = False,
) -> None:
    """Check this machine and its settings; each trouble comes with its remedy. Exit code 1 if a check failed."""
    from offhook.doctor import Verdict, examine

    findings = examine(offline=offline)
    _print(findings)
    if any(finding.verdict is Verdict.FAILED for finding in findings):
        raise typer.Exit(1)


def _print(findings: "list[Finding]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for finding in findings:
        # Text, because square brackets in an address are not markup.
        said = Text(finding.detail)
        if finding.remedy:
            said.append(f"\n→ {finding.remedy}", style="cyan")
        table.add_row(Text(finding.verdict.value, style=STYLES[finding.verdict.value]), Text(finding.name), said)
    Console().print(table)
