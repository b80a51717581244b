"""``offhook load``: how many calls a gateway holds, and how well."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from offhook.cli.load_screen import LoadScreen
    from offhook.loadtest.load.plan import Plan
    from offhook.loadtest.load.recording import Recording
    from offhook.loadtest.load.report import Report
    from offhook.loadtest.load.target import Target

BROKEN: Final = 1
"""Exit code when a promise did not hold or was disturbed, or no gateway answered."""
INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it."""

FILE_WIDTH: Final = 140
"""Characters in a line of tables that go to a file or a pipe."""

EPILOG: Final = "Without --url it starts a gateway and a scripted speech engine of its own, and stops them at the end."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("load", epilog=EPILOG)(load)


def load(
    calls: Annotated[int, typer.Option(help="How many calls at a time; with --find-knee, where to begin.")] = 50,
    rate: Annotated[float, typer.Option(help="How many of them ring in a second.")] = 20.0,
    seconds: Annotated[float, typer.Option(help="How long they are held and measured.")] = 30.0,
    pattern: Annotated[
        str, typer.Option(help="talk: turns, replies in 1.5 of every 4 s. all-the-time: both speak, without a pause.")
    ] = "talk",
    churn: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Calls last about so long, and others ring in their place."),
    ] = None,
    wav: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What callers say, in place of our own.", dir_okay=False)
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="A gateway that runs already: its base address, or its voice webhook.")
    ] = None,
    auth_token: Annotated[
        str, typer.Option(envvar="OFFHOOK_TWILIO_AUTH_TOKEN", help="Signs the webhooks, with --url.", show_envvar=True)
    ] = "",
    account_sid: Annotated[
        str | None, typer.Option(help="The Twilio account that calls come from, with --url.")
    ] = None,
    pid: Annotated[
        int | None, typer.Option(help="The process of that gateway, if not the one that listens on its port here.")
    ] = None,
    far_end_port: Annotated[
        int | None,
        typer.Option(metavar="PORT", help="Serve a scripted speech engine there, for that gateway to be pointed at."),
    ] = None,
    far_end_stats: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The stats of a scripted speech engine that runs already (--paced)."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Also if the gateway is not on this machine.")] = False,
    max_calls: Annotated[
        int | None, typer.Option(help="OFFHOOK_MAX_CALLS_PER_WORKER of our own gateway; else it never is full.")
    ] = None,
    find_knee: Annotated[
        bool, typer.Option("--find-knee", help="Raise the calls until the promise breaks, and say what to allow.")
    ] = False,
    most: Annotated[int, typer.Option(help="With --find-knee: never more calls than this.")] = 2000,
    json_file: Annotated[
        Path, typer.Option("--json", metavar="FILE", help="The report as JSON.", dir_okay=False)
    ] = Path("out/load.json"),
    html_file: Annotated[
        Path, typer.Option("--html", metavar="FILE", help="The report as a page with plots.", dir_okay=False)
    ] = Path("out/load.html"),
) -> None:
    """Ring with many callers at once, and report how the gateway bore it. Exit code 1 unless the promises hold."""
    import asyncio

    import uvloop
    from rich.console import Console

    from offhook.cli.load_screen import LoadScreen
    from offhook.errors import OffhookError
    from offhook.loadtest.figures.listener import listening_pid
    from offhook.loadtest.load.plan import MOST_CALLS, Pattern, Plan
    from offhook.loadtest.load.recording import Recording
    from offhook.loadtest.load.target import USUAL_ACCOUNT_SID, Target, is_loopback, port_of, voice_url_of

    if pattern not in set(Pattern):
        raise typer.BadParameter(f"write {' or '.join(Pattern)}", param_hint="--pattern")
    try:
        plan = Plan(calls, rate, seconds, Pattern(pattern), churn)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if find_knee and not calls <= most <= MOST_CALLS:
        raise typer.BadParameter(f"from --calls to {MOST_CALLS}", param_hint="--most")
    given: Target | None = None
    if url is None:
        for name, value in (("--pid", pid), ("--far-end-port", far_end_port), ("--far-end-stats", far_end_stats)):
            if value is not None:
                raise typer.BadParameter("goes with --url", param_hint=name)
    else:
        if far_end_port is not None and far_end_stats is not None:
            raise typer.BadParameter("goes without --far-end-port", param_hint="--far-end-stats")
        if max_calls is not None:
            raise typer.BadParameter("goes without --url: that gateway has its own", param_hint="--max-calls")
        try:
            voice_url = voice_url_of(url)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--url") from None
        if not is_loopback(voice_url) and not yes:
            raise typer.BadParameter(
                f"{url} is not on this machine. A load test can put a server out of service, and costs what its speech "
                "engine costs: if it is yours, add --yes",
                param_hint="--url",
            )
        if pid is None and is_loopback(voice_url):
            pid = listening_pid(port_of(voice_url))
        given = Target(voice_url, auth_token, account_sid or USUAL_ACCOUNT_SID, pid, far_end_stats)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = FILE_WIDTH
    screen = LoadScreen(console)
    try:
        recording = Recording.in_the_box() if wav is None else Recording.read(wav)
        for file in (json_file, html_file):
            file.parent.mkdir(parents=True, exist_ok=True)
        test = _Test(plan, given, recording, screen, far_end_port, max_calls, most if find_knee else None)
        report = uvloop.run(_until_signal(test))
    except (OffhookError, OSError) as error:
        typer.echo(f"offhook load: {error}", err=True)
        raise typer.Exit(BROKEN) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("offhook load: stopped", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if report is None:
        raise typer.Exit(BROKEN)
    write(report, json_file, html_file)
    screen.report(report)
    screen.say(f"written to {json_file} and {html_file}")
    if test.knee_found:
        test.show_knee()
    for promise in report.broken:
        typer.echo(f"offhook load: broken: {promise.name}: {promise.detail}", err=True)
    for promise in report.disturbed:
        typer.echo(f"offhook load: disturbed: {promise.name}: {promise.detail}", err=True)
    if report.broken or report.disturbed:
        raise typer.Exit(BROKEN)


def write(report: "Report", json_file: Path, html_file: Path) -> None:
    """Both forms of it."""
    import json

    from offhook.loadtest.load.page import page

    json_file.write_text(json.dumps(report.to_json(), indent=1) + "\n", encoding="utf-8")
    html_file.write_text(page(report), encoding="utf-8")


class _Test:
    """What was asked for, ready to be run."""

    def __init__(
        self,
        plan: "Plan",
        given: "Target | None",
        recording: "Recording",
        screen: "LoadScreen",
        far_end_port: int | None,
        max_calls: int | None,
        most: int | None,
    ) -> None:
        from offhook.loadtest.load.knee import Knee

        self._plan = plan
        self._given = given
        self._recording = recording
        self._screen = screen
        self._far_end_port = far_end_port
        self._max_calls = max_calls
        self._most = most
        self._knee: Knee | None = None

    @property
    def knee_found(self) -> bool:
        """There was a search, and it came to an end."""
        return self._knee is not None

    def show_knee(self) -> None:
        """What it found."""
        if self._knee is not None:
            self._screen.knee(self._knee, door_off=self._given is None)

    async def run(self) -> "Report | None":
        """Start what has to be started, test, stop it. None: a search that found nothing that held."""
        from contextlib import AsyncExitStack
        from dataclasses import replace

        from offhook.loadtest.load.rig import OPEN_WIDE, far_end, own_gateway

        async with AsyncExitStack() as undo:
            if self._given is None:
                refuses = self._most is None and self._max_calls is not None
                gateway = own_gateway(self._plan.pattern, max_calls=self._max_calls or OPEN_WIDE, refuses=refuses)
                target = await undo.enter_async_context(gateway)
            else:
                target = self._given
                if self._far_end_port is not None:
                    far = far_end(self._plan.pattern, port=self._far_end_port)
                    process, far_url, stats_url = await undo.enter_async_context(far)
                    self._screen.say(f"The speech engine answers at {far_url}.")
                    target = replace(target, stats_url=stats_url, far_end_pid=process.pid)
            self._screen.say(f"Ringing {target.voice_url}: {self._plan.calls} calls, {self._plan.rate:g} a second.")
            undo.enter_context(self._screen)
            return await self._measure(target)

    async def _measure(self, target: "Target") -> "Report | None":
        import gc

        from offhook.loadtest.load.find_knee import find_knee
        from offhook.loadtest.load.run import run

        # What is loaded stays: looking through it again and again would make the callers late.
        gc.collect()
        gc.freeze()
        recording, screen = self._recording, self._screen
        if self._most is None:
            return await run(self._plan, target, recording=recording, on_second=screen.progress)
        self._knee, best = await find_knee(
            self._plan,
            target,
            most=self._most,
            recording=recording,
            on_second=screen.progress,
            on_step=screen.step,
        )
        if best is None:
            self.show_knee()
        return best


async def _until_signal(test: _Test) -> "Report | None":
    """Ctrl-C and SIGTERM end the test in order, so that no process of ours stays behind."""
    import asyncio
    import signal

    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await test.run()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
