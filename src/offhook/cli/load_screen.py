"""What ``offhook load`` shows: one line that changes, or a line every few seconds, and tables at the end."""

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from offhook.loadtest.load.tables import QUANTILES, facts, latencies

if TYPE_CHECKING:
    from offhook.loadtest.load.knee import Knee, Verdict
    from offhook.loadtest.load.report import Report, Second
    from offhook.loadtest.load.tally import Tally

PLAIN_EVERY_S: Final = 5.0
"""Where there is no terminal, a line comes so often."""

_STYLES: Final = {"held": "green", "broken": "bold red", "disturbed": "bold yellow", "n/a": "dim"}


class LoadScreen:
    """Enter it while the test runs; on a terminal its line then changes in place."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._live = (
            Live(Text(""), console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        )
        self._said_at_s = -PLAIN_EVERY_S

    def __enter__(self) -> "LoadScreen":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._live is not None:
            self._live.stop()

    def progress(self, row: "Second", tally: "Tally") -> None:
        """A second has gone by."""
        line = progress_line(row, tally)
        if self._live is not None:
            self._live.update(Text(line), refresh=True)
        elif row.at_s - self._said_at_s >= PLAIN_EVERY_S or row.at_s < self._said_at_s:
            self._said_at_s = row.at_s
            self.say(line)

    def say(self, line: str, style: str = "") -> None:
        """A line that stays."""
        self.console.print(Text(line, style=style), soft_wrap=True)

    def step(self, calls: int, verdict: "Verdict", report: "Report") -> None:
        """One number of calls of the search is through."""
        why = "; ".join(f"{promise.name}: {promise.detail}" for promise in report.broken + report.disturbed)
        self.say(f"{calls:>6} calls: {verdict.value}" + (f" ({why})" if why else ""))

    def report(self, report: "Report") -> None:
        """The tables."""
        table = Table(box=None, header_style="bold")
        table.add_column("ms")
        for name in QUANTILES:
            table.add_column(name, justify="right")
        for name, *cells in latencies(report):
            table.add_row(Text(name), *cells)
        self.console.print(table)
        self.console.print()
        grid = Table.grid(padding=(0, 2))
        for name, value in facts(report):
            grid.add_row(Text(name), Text(value))
        for kind, count in report.errors.items():
            grid.add_row(Text("error"), Text(f"{kind} ({count})", style="red"))
        self.console.print(grid)
        self.console.print()
        verdicts = Table.grid(padding=(0, 2))
        for promise in report.promises:
            verdicts.add_row(
                Text(promise.verdict, style=_STYLES[promise.verdict]), Text(promise.name), Text(promise.detail)
            )
        self.console.print(verdicts)
        for warning in report.warnings:
            self.say(f"warning: {warning}", "yellow")

    def knee(self, knee: "Knee", *, door_off: bool) -> None:
        """What the search found."""
        for line in knee_lines(knee, door_off=door_off):
            self.say(line)


def progress_line(row: "Second", tally: "Tally") -> str:
    """Where the test is."""
    late = [value for value in (row.lateness_up_p99_ms, row.lateness_down_p99_ms) if value is not None]
    set_up = tally.set_up.quantile(0.99)
    parts = [
        f"{row.at_s:6.0f} s",
        f"{row.streaming} calls up",
        f"set-up p99 {'–' if set_up is None else f'{set_up:.0f} ms'}",
        f"lateness p99 {f'{max(late):.1f} ms' if late else '–'}",
        f"{tally.errors_total} errors",
    ]
    if tally.rejected:
        parts.append(f"{tally.rejected} rejected")
    return "  ".join(parts)


def knee_lines(knee: "Knee", *, door_off: bool) -> list[str]:
    """The answer of a search, the line for the settings, and what it means to serve with it.

    ``door_off``: the gateway was ours, and told to take any number.
    """
    from offhook.loadtest.load.knee import MARGIN

    if not knee.held:
        if knee.own_limit is not None:
            return ["Nothing was found: the load tester was late itself. Is the machine busy with something else?"]
        if knee.door is not None:
            return [f"No number of calls held: the door closed at {knee.door}."]
        return ["No number of calls held."]
    if knee.own_limit is not None and (knee.broke is None or knee.own_limit < knee.broke):
        found = (
            f"The knee is above {knee.held} calls: at {knee.own_limit} the load tester was the one that was too late."
        )
    elif knee.broke is None:
        found = f"The knee is above {knee.held} calls, the most that were tried."
    elif knee.door is not None:
        found = f"The door closed at {knee.door} calls, and {knee.held} held: the knee is not below that."
    else:
        found = f"The knee is at {knee.held} calls: {knee.broke} broke the promise."
    allowed = max(1, knee.recommended)
    searched = "this search ran with the door off" if door_off else "this search met the door that the gateway has now"
    return [
        found,
        f"With {1 - MARGIN:.0%} to spare:",
        f"OFFHOOK_MAX_CALLS_PER_WORKER={allowed}",
        f"Served so, a worker takes {allowed} calls at a time, and the next caller hears that it is busy; {searched}.",
    ]
