"""What the demo prints. On a terminal with colours and moving levels, elsewhere as plain lines."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from offhook.calls.conversation import AgentSaid, CallerSaid, ToolUsed
from offhook.calls.view import CallDetail
from offhook.demo.picture import bar, skyline
from offhook.demo.recording import WINDOW_MS, Cut, Recording, levels_dbfs
from offhook.demo.script import THINK_MS
from offhook.demo.stage import AGENT, Gateway
from offhook.demo.telling import Told, Who
from offhook.loadtest.far_end.ears import ONSET_MS

TIME_COLUMNS: Final = 6
WHO_COLUMNS: Final = 7
NAME_COLUMNS: Final = 8
PICTURE_COLUMNS: Final = 68
METER_COLUMNS: Final = 20

_STYLES: Final = {
    Who.PHONE: "dim",
    Who.ENGINE: "dim",
    Who.CALLER: "cyan",
    Who.AGENT: "green",
    Who.TOOL: "magenta",
    Who.CUT: "bold red",
    Who.TROUBLE: "yellow",
    Who.END: "bold",
}


class Screen:
    """Prints to one console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None

    def header(self, gateway: Gateway, *, engine_url: str, twilio_api_url: str) -> None:
        """What runs where."""
        self._console.print("A telephone call through the gateway, with nothing configured", style="bold")
        self._row("gateway", f"offhook serve {AGENT}, process {gateway.process_id}, {gateway.url}")
        self._row("Twilio", f"a stand-in, in this process; its REST API is {twilio_api_url}")
        self._row("far end", f"a scripted realtime server, in this process, {engine_url}")
        self._console.print(
            "\nThe far end follows a script: it notices that the caller speaks, and understands nothing.\n"
            "What is said is real audio, at real pace, through the real gateway. What is shown below\n"
            "is the gateway's own report, GET /api/events; times are seconds since it rang.\n",
            style="dim",
            soft_wrap=True,
        )

    def told(self, line: Told) -> None:
        """One line of the call."""
        style = _STYLES[line.who]
        text = Text(line.text, style)
        if line.aside:
            text.append(f"  {line.aside}", "dim")
        self._print(
            (TIME_COLUMNS, Text(f"{line.at_s:{TIME_COLUMNS}.1f}", "dim")), (WHO_COLUMNS, Text(line.who, style)), text
        )

    def log_line(self, line: str) -> None:
        """One line of the gateway's log."""
        self._console.print(Text(f"{'':{TIME_COLUMNS}}| {line}", "dim"), soft_wrap=True)

    @contextmanager
    def meters(self) -> Iterator[None]:
        """Show moving levels below the lines while this is entered; only on a terminal."""
        if not self._console.is_terminal or self._console.is_dumb_terminal:
            yield
            return
        with Live(console=self._console, auto_refresh=False, transient=True) as self._live:
            try:
                yield
            finally:
                self._live = None

    def levels(self, caller_dbfs: float, agent_dbfs: float) -> None:
        """How loud both are at the moment."""
        if self._live is not None:
            meters = Text(" " * (TIME_COLUMNS + 2))
            for who, level_dbfs in ((Who.CALLER, caller_dbfs), (Who.AGENT, agent_dbfs)):
                meters.append(f"{who} ", "dim").append(bar(level_dbfs, METER_COLUMNS), _STYLES[who]).append("  ")
            self._live.update(meters, refresh=True)

    def summary(self, call: CallDetail, cut: Cut, recording: Recording, kept: tuple[Path, Path]) -> None:
        """What it came to."""
        self._console.print()
        for who, sound in ((Who.CALLER, recording.caller), (Who.AGENT, recording.agent)):
            self._row(who, skyline(levels_dbfs(sound, WINDOW_MS), PICTURE_COLUMNS), _STYLES[who])
        self._row(Who.CUT, _pointer(cut, recording), _STYLES[Who.CUT])
        self._console.print()
        said, recorded, (wav_path, json_path) = cut.said, cut.recorded, kept
        self._row("call", f"{call.duration_ms / 1000:.1f} s: {_counts(call)}")
        self._row("replies", f"first sound {', '.join(map(str, call.timings.replies_ms))} ms after the caller's pause")
        self._row("", f"(the script thinks for {THINK_MS} ms; twice, where it calls a tool first)", "dim")
        self._row("cut", f"the line was silent {recorded.yielded_ms} ms after the caller's first sound")
        self._row("", f"(the far end takes {ONSET_MS} ms of it to be sure that it is speech)", "dim")
        self._row("", f"the caller heard {said.heard_ms} of {said.sound_ms} ms: “{said.heard_text} …”")
        self._row("", "and the far end was told so, to forget what was not heard", "dim")
        self._row("kept", f"{wav_path}: left the caller, right the agent as the caller heard it;")
        self._row("", f"of the cut reply, {recorded.heard_ms} ms are in it")
        self._row("", f"{json_path}: GET /api/calls/{call.id}")
        self._row("next", f"OFFHOOK_OPENAI_API_KEY=sk-... offhook serve {AGENT}", "bold")

    def _row(self, name: str, text: str, style: str = "") -> None:
        self._print((NAME_COLUMNS, Text(f"{name:>{NAME_COLUMNS}}", "dim")), Text(text, style))

    def _print(self, *cells: tuple[int, Text] | Text) -> None:
        """Cells beside each other; the last one, which has no width, is broken on a terminal only."""
        if not self._console.is_terminal:
            line = Text("  ").join(Text(f"{c[1].plain:<{c[0]}}") if isinstance(c, tuple) else c for c in cells)
            self._console.print(line, soft_wrap=True)
            return
        grid = Table.grid(padding=(0, 2, 0, 0))
        for cell in cells:
            width = cell[0] if isinstance(cell, tuple) else None
            grid.add_column(width=width, no_wrap=width is not None)
        grid.add_row(*(cell[1] if isinstance(cell, tuple) else cell for cell in cells))
        self._console.print(grid)


def _pointer(cut: Cut, recording: Recording) -> str:
    windows = len(levels_dbfs(recording.agent, WINDOW_MS))
    at = cut.recorded.silent_at_ms // WINDOW_MS * PICTURE_COLUMNS // windows
    return " " * at + f"^ {cut.recorded.silent_at_ms / 1000:.1f} s"


def _counts(call: CallDetail) -> str:
    def count(kind: type) -> int:
        return sum(isinstance(entry, kind) for entry in call.transcript)

    return f"{count(CallerSaid)} turns of the caller, {count(AgentSaid)} of the agent, {count(ToolUsed)} tool calls"
