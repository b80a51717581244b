"""``offhook calls``: the calls of the running gateway."""

import json
from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def calls(
        call_id: Annotated[str | None, typer.Argument(help="One call, in full.")] = None,
        watch: Annotated[
            bool, typer.Option("--watch", "-w", help="Show what happens on calls, as it happens.")
        ] = False,
        hang_up: Annotated[bool, typer.Option(help="Hang the call up.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="As the API answers.")] = False,
        url: Annotated[str | None, typer.Option(help="The gateway, if not the one of these settings.")] = None,
    ) -> None:
        """List calls, show one, watch them, or hang one up."""
        from offhook.cli.remote import RemoteGateway

        gateway = RemoteGateway(url)
        if hang_up and call_id is None:
            raise typer.BadParameter("name the call to hang up", param_hint="CALL_ID")
        if hang_up:
            ended = gateway.ask("DELETE", f"/api/calls/{call_id}")
            typer.echo(f"{ended['id']}: {ended['state']}")
        elif watch:
            _watch(gateway.http, call_id)
        elif call_id is not None:
            shown = gateway.ask("GET", f"/api/calls/{call_id}")
            typer.echo(json.dumps(shown, indent=2, ensure_ascii=False) if as_json else "\n".join(describe(shown)))
        else:
            listed = gateway.ask("GET", "/api/calls")
            typer.echo(json.dumps(listed, indent=2)) if as_json else _table(listed["calls"])


def _table(calls: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for heading in ("call", "state", "direction", "caller", "dialled", "agent", "engine", "seconds", "ended because"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left", no_wrap=heading == "call")
    for call in calls:
        table.add_row(
            *(call[k] for k in ("id", "state", "direction", "caller", "dialled", "agent", "engine")),
            f"{call['duration_ms'] / 1000:.0f}",
            call["end_reason"] or "",
        )
    Console().print(table if calls else "no calls")


def describe(call: dict[str, Any]) -> list[str]:
    """One call as lines of text: facts, then who said what, and how much of it was heard."""
    lines = [
        f"{call['id']}  {call['state']}{': ' + call['end_reason'] if call['end_reason'] else ''}",
        f"{call['direction']}, {call['caller']} to {call['dialled']}, agent {call['agent']}, engine {call['engine']}, "
        f"{call['duration_ms'] / 1000:.1f} s",
    ]
    for entry in call["transcript"]:
        at = f"{entry['at_ms'] / 1000:7.1f}  "
        match entry["type"]:
            case "caller":
                lines.append(f"{at}caller  {entry['text'] if entry['text'] is not None else '(not written down)'}")
            case "agent":
                cut = f"  [cut: {entry['heard_ms']} of {entry['sound_ms']} ms heard]" if entry["cut"] else ""
                lines.append(f"{at}agent   {entry['text']}{cut}")
            case "tool":
                lines.append(f"{at}tool    {entry['name']}({entry['arguments']}): {entry['status']}: {entry['output']}")
            case _:
                lines.append(f"{at}note    {entry['text']}")
    return lines


def _watch(http: Any, call_id: str | None) -> None:
    import httpx

    from offhook.cli.remote import GatewayRefused

    try:
        with http.stream("GET", "/api/events", params={"call": call_id} if call_id else None, timeout=60) as answer:
            if answer.is_error:
                answer.read()
                raise GatewayRefused(f"HTTP {answer.status_code}: {answer.text}")
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    event = json.loads(line.removeprefix("data: "))
                    about = " ".join(f"{k}={v}" for k, v in event.items() if k not in ("at", "call_id", "kind"))
                    typer.echo(f"{event.get('at', '')} {event.get('call_id', '')} {event.get('kind', 'lost')} {about}")
    except httpx.HTTPError as error:
        raise GatewayRefused(f"the gateway is gone ({error or type(error).__name__})") from None
    except KeyboardInterrupt:
        pass
