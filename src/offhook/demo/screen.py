"""What the demo prints. On a terminal with colours and moving levels, elsewhere as plain lines."""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table as Grid
from rich.text import Text

from offhook.calls.conversation import AgentSaid, CallerSaid, ToolUsed
from offhook.calls.departure import EndReason
from offhook.calls.view import CallDetail
from offhook.demo.database import Table
from offhook.demo.kept import Kept
from offhook.demo.picture import bar, skyline
from offhook.demo.recording import WINDOW_MS, Recording, Wait, levels_dbfs, waits
from offhook.demo.scenario import DEMO_AGENT, EXAMPLES_SPOKEN, Scenario
from offhook.demo.stage import Keys, Stage
from offhook.demo.telling import Told, Who
from offhook.demo.verdict import Cut

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

    def beginning(self, scenario: Scenario) -> None:
        """What is about to be started."""
        self._console.print("A telephone call, spoken and understood on this machine alone", style="bold")
        self._console.print(f"Starting the gateway and the speech server for {scenario.agent} ...", style="dim")

    def header(self, stage: Stage, scenario: Scenario, *, twilio_api_url: str) -> None:
        """What runs where."""
        gateway, speech = stage.gateway, stage.speech
        self._row("gateway", f"offhook serve {scenario.agent}, process {gateway.program.process_id}, {gateway.url}")
        self._row("speech", f"offhook speech, process {speech.program.process_id}, {speech.url}")
        self._row("Twilio", f"a stand-in, in this process; its REST API is {twilio_api_url}")
        self._console.print(
            "\nThe caller's lines go into the telephone as sound, µ-law at real pace, and so do the answers.\n"
            "The caller's words below are what was understood of that sound; times are seconds since it\n"
            "rang, and waits are measured at the phone, from sound to sound.\n",
            style="dim",
            soft_wrap=True,
        )

    def told(self, line: Told, wait: Wait | None = None) -> None:
        """One line of the call. ``wait`` is the caller's before it."""
        style = _STYLES[line.who]
        text = Text(line.text, style)
        if wait is not None:
            text.append(f"  first sound after {wait.lasted_ms} ms", "bold")
        if line.aside:
            text.append(f"  {line.aside}", "dim")
        self._print(
            (TIME_COLUMNS, Text(f"{line.at_s:{TIME_COLUMNS}.1f}", "dim")), (WHO_COLUMNS, Text(line.who, style)), text
        )

    def log_line(self, line: str) -> None:
        """One line of the processes' log."""
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

    def summary(
        self, call: CallDetail, cut: Cut | None, recording: Recording, tables: Sequence[Table], kept: Kept
    ) -> None:
        """What it came to."""
        self._console.print()
        for who, sound in ((Who.CALLER, recording.caller), (Who.AGENT, recording.agent)):
            self._row(who, skyline(levels_dbfs(sound, WINDOW_MS), PICTURE_COLUMNS), _STYLES[who])
        if cut is not None:
            self._row(Who.CUT, _pointer(cut, recording), _STYLES[Who.CUT])
        self._console.print()
        self._row("call", f"{call.duration_ms / 1000:.1f} s: {_counts(call)}")
        self._waits(waits(recording), transferred=call.end_reason == EndReason.TRANSFERRED)
        if cut is not None:
            said, recorded = cut.said, cut.recorded
            self._row("cut", f"the line was silent {recorded.yielded_ms} ms after the caller's first sound;")
            self._row("", f"the caller had heard {said.heard_ms} of {said.sound_ms} ms: “{said.heard_text} …”")
        for table in tables:
            for row in table.rows:
                self._row("database", f"{table.name}: {', '.join(f'{name}={value!r}' for name, value in row.items())}")
        self._row("kept", f"{kept.wav}: left the caller, right the agent as the caller heard it")
        self._row("", f"{kept.svg}: the call as a picture, for a browser")
        self._row("", f"{kept.json}: GET /api/calls/{call.id}")

    def note(self, text: str) -> None:
        """Something to know."""
        self._row("note", text, "yellow")

    def next_steps(self, agent: str, examples: Sequence[str]) -> None:
        """What to try now, after a call to this agent, which gives these examples."""
        if agent != DEMO_AGENT:
            lines = " ".join(_quoted(line) for line in examples[:EXAMPLES_SPOKEN] or ("what can you do",))
            self._row("next", f"offhook demo --agent {agent} --say {lines}", "bold")
            return
        self._row(
            "next",
            'offhook demo --say "a table for two on sunday please" "at six o\'clock" "my name is miller"',
            "bold",
        )
        self._row("", "offhook demo --agent my_module:agent", "bold")

    def staying(self, stage: Stage, keys: Keys) -> None:
        """How to reach what goes on serving."""
        port = stage.gateway.url.rpartition(":")[2]
        self._console.print("\nBoth go on serving; Ctrl-C ends all.", style="bold")
        self._row("gateway", f"{stage.gateway.url}, API described at {stage.gateway.url}/docs")
        self._row("", f"OFFHOOK_PORT={port} OFFHOOK_API_TOKEN={keys.api_token} offhook calls")
        self._row("speech", f"{stage.speech.url}, OpenAI Realtime protocol, key {keys.speech_key}")
        self._row("", f"OFFHOOK_SPEECH_URL={stage.speech.url} OFFHOOK_SPEECH_API_KEY={keys.speech_key} \\")
        self._row("", "  OFFHOOK_ENGINE=local offhook serve my_module:agent")

    def _waits(self, found: Sequence[Wait], *, transferred: bool) -> None:
        if not found:
            self._row("waits", "none: the caller was put through" if transferred else "the caller was never answered")
            return
        lasted_ms = [wait.lasted_ms for wait in found]
        self._row("waits", f"first sound {', '.join(map(str, lasted_ms))} ms after the caller stopped")
        self._row("", f"p50 {median(lasted_ms):.0f} ms, longest {max(lasted_ms)} ms", "bold")

    def _row(self, name: str, text: str, style: str = "") -> None:
        self._print((NAME_COLUMNS, Text(f"{name:>{NAME_COLUMNS}}", "dim")), Text(text, style))

    def _print(self, *cells: tuple[int, Text] | Text) -> None:
        """Cells beside each other; the last one, which has no width, is broken on a terminal only."""
        if not self._console.is_terminal:
            line = Text("  ").join(Text(f"{c[1].plain:<{c[0]}}") if isinstance(c, tuple) else c for c in cells)
            self._console.print(line, soft_wrap=True)
            return
        grid = Grid.grid(padding=(0, 2, 0, 0))
        for cell in cells:
            width = cell[0] if isinstance(cell, tuple) else None
            grid.add_column(width=width, no_wrap=width is not None)
        grid.add_row(*(cell[1] if isinstance(cell, tuple) else cell for cell in cells))
        self._console.print(grid)


def _quoted(line: str) -> str:
    """As one word for a shell; in double quotes where those will do, which all shells know."""
    return shlex.quote(line) if set(line) & set('"$`\\!%') else f'"{line}"'


def _pointer(cut: Cut, recording: Recording) -> str:
    windows = len(levels_dbfs(recording.agent, WINDOW_MS))
    at = cut.recorded.silent_at_ms // WINDOW_MS * PICTURE_COLUMNS // windows
    return " " * at + f"^ {cut.recorded.silent_at_ms / 1000:.1f} s"


def _counts(call: CallDetail) -> str:
    def count(kind: type) -> int:
        return sum(isinstance(entry, kind) for entry in call.transcript)

    return f"{count(CallerSaid)} turns of the caller, {count(AgentSaid)} of the agent, {count(ToolUsed)} tool calls"
