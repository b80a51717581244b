"""Who is measured: how each system is started, and at which numbers of calls it is looked at."""

import secrets
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

from benchmarks.callers import ACCOUNT_SID
from benchmarks.cores import CorePlan
from benchmarks.peers import haproxy
from benchmarks.stage import ROOT, Actor, Stage, StageError, free_port
from benchmarks.talk import Pattern

WORKSHOP: Final = ROOT / "out" / "bench"
PIPECAT_HOME: Final = WORKSHOP / "pipecat"
PIPECAT_LOCK: Final = ROOT / "benchmarks" / "peers" / "pipecat.lock.txt"
MOST_CALLS: Final = 2000

PIPECAT_UVLOOP: Final = "pipecat-uvloop"
"""Among the versions: whether Pipecat's server had it."""

Ladders = Mapping[Pattern, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Running:
    """A system under test and its far end, both started and healthy."""

    server: Actor
    far_end: tuple[Actor, ...]
    """All processes on the far end's side."""
    voice_url: str
    figures_url: str
    auth_token: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a system is started."""

    stage: Stage
    cores: CorePlan
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class System:
    """One line of the table."""

    name: str
    title: str
    start: Callable[[Setting], Running] = field(repr=False)
    ladders: Ladders
    quick: Ladders
    rings_per_second: float
    missing: Callable[[], str] = field(repr=False, default=lambda: "")
    """Why it cannot be started here; empty if it can. May install what is missing."""


# ---- the far end ---------------------------------------------------------------------------------------------------


def far_end(setting: Setting) -> tuple[Actor, int, str]:
    """The realtime server; its port, and where its figures are."""
    port, figures = free_port(), free_port()
    command = (sys.executable, "-m", "benchmarks.far_end", "--port", str(port), "--figures-port", str(figures))
    actor = setting.stage.start("far-end", (*command, "--pattern", setting.pattern), setting.cores.far_end)
    url = f"http://127.0.0.1:{figures}/figures"
    actor.until_healthy(url)
    return actor, port, url


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, made for this run and signed by itself; with its key, and alone for those who trust
    it. StageError without openssl."""
    folder.mkdir(parents=True, exist_ok=True)
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 7 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    made = subprocess.run(
        ["openssl", *words.split(), "-keyout", str(key), "-out", str(cert)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise StageError(f"openssl made no certificate: {made.stderr.strip()}")
    both.write_text(cert.read_text() + key.read_text())
    return both, cert


def relay(setting: Setting, name: str, how: haproxy.Relay, *, on_server: bool) -> Actor:
    """HAProxy, either as the system under test or as a part of the far end."""
    program = haproxy.found()
    if program is None:
        raise StageError("HAProxy is not installed")
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    file = WORKSHOP / f"{name}.cfg"
    file.write_text(haproxy.configuration(how))
    cores = setting.cores.server if on_server else setting.cores.far_end
    actor = setting.stage.start(name, (program, "-db", "-f", file), cores)
    actor.until_listening(how.listen_port)
    return actor


# ---- the systems ---------------------------------------------------------------------------------------------------


def start_haproxy(setting: Setting) -> Running:
    """The floor: callers' streams through HAProxy to something that answers by itself."""
    port, behind, figures = free_port(), free_port(), free_port()
    command = (sys.executable, "-m", "benchmarks.peers.answerer", "--port", str(behind), "--stream-port", str(port))
    answerer = setting.stage.start(
        "answerer", (*command, "--figures-port", str(figures), "--pattern", setting.pattern), setting.cores.far_end
    )
    url = f"http://127.0.0.1:{figures}"
    answerer.until_healthy(f"{url}/figures")
    server = relay(setting, "haproxy", haproxy.Relay(port, behind), on_server=True)
    return Running(server, (answerer,), f"{url}/twilio/voice", f"{url}/figures")


def _start_server(setting: Setting, name: str, command: tuple[str | Path, ...]) -> Running:
    far, far_port, figures = far_end(setting)
    port = free_port()
    engine = f"ws://127.0.0.1:{far_port}/v1/realtime"
    server = setting.stage.start(name, (*command, "--port", str(port), "--engine-url", engine), setting.cores.server)
    server.until_healthy(f"http://127.0.0.1:{port}/healthz")
    return Running(server, (far,), f"http://127.0.0.1:{port}/twilio/voice", figures)


def start_usual_sample(setting: Setting) -> Running:
    return _start_server(setting, "usual-sample", (sys.executable, "-m", "benchmarks.peers.usual_sample"))


def start_usual_sample_ulaw(setting: Setting) -> Running:
    sample = (sys.executable, "-m", "benchmarks.peers.usual_sample", "--pass-through")
    return _start_server(setting, "usual-sample-ulaw", sample)


def start_pipecat(setting: Setting) -> Running:
    bot = ROOT / "benchmarks" / "peers" / "pipecat_bot.py"
    return _start_server(setting, "pipecat", (PIPECAT_HOME / "bin" / "python", bot))


def gateway_environment(port: int, engine_url: str, auth_token: str) -> dict[str, str]:
    """The product as it comes, with signatures checked; only room for more calls than one allows by default."""
    return {
        "OFFHOOK_PORT": str(port),
        "OFFHOOK_ENGINE": "openai",
        "OFFHOOK_OPENAI_URL": engine_url,
        "OFFHOOK_OPENAI_API_KEY": secrets.token_hex(16),
        "OFFHOOK_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "OFFHOOK_TWILIO_AUTH_TOKEN": auth_token,
        "OFFHOOK_MAX_CALLS_PER_WORKER": str(MOST_CALLS),
        "OFFHOOK_DRAIN_SECONDS": "0",
    }


def start_offhook(
    setting: Setting, *, tls: bool = False, module: str = "offhook", extra: Mapping[str, str] | None = None
) -> Running:
    """``offhook serve``; ``extra`` are further variables of its environment."""
    far, far_port, figures = far_end(setting)
    behind: tuple[Actor, ...] = (far,)
    port, auth_token = free_port(), secrets.token_hex(16)
    environment = gateway_environment(port, f"ws://127.0.0.1:{far_port}/v1/realtime", auth_token)
    if tls:
        both, alone = certificate(WORKSHOP / "tls")
        tls_port = free_port()
        front = relay(setting, "tls-front", haproxy.Relay(tls_port, far_port, both), on_server=False)
        behind = (far, front)
        environment["OFFHOOK_OPENAI_URL"] = f"wss://127.0.0.1:{tls_port}/v1/realtime"
        environment["SSL_CERT_FILE"] = str(alone)
    server = setting.stage.start(
        "offhook", (sys.executable, "-m", module, "serve"), setting.cores.server, environment | dict(extra or {})
    )
    server.until_healthy(f"http://127.0.0.1:{port}/healthz")
    return Running(server, behind, f"http://127.0.0.1:{port}/twilio/voice", figures, auth_token)


def start_offhook_tls(setting: Setting) -> Running:
    return start_offhook(setting, tls=True)


def start_offhook_linear(setting: Setting) -> Running:
    return start_offhook(setting, module="benchmarks.peers.linear_engine")


# ---- what they need ------------------------------------------------------------------------------------------------


def haproxy_missing() -> str:
    """Install it if this is root on Debian."""
    return _installed("haproxy")


def tls_missing() -> str:
    return _installed("haproxy") or _installed("openssl")


def pipecat_missing() -> str:
    """Make its environment, if it is not there or its lock has changed."""
    stamp = PIPECAT_HOME / "lock.txt"
    if stamp.exists() and stamp.read_text() == PIPECAT_LOCK.read_text():
        return ""
    print("setting up Pipecat in an environment of its own ...", flush=True)
    venv.create(PIPECAT_HOME, clear=True, with_pip=True)
    pip = (PIPECAT_HOME / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    done = subprocess.run((*pip, "-r", PIPECAT_LOCK), capture_output=True, text=True, check=False)
    if done.returncode:
        return f"pip: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}"
    stamp.write_text(PIPECAT_LOCK.read_text())
    return ""


def _installed(program: str) -> str:
    import os
    import shutil

    def there() -> bool:
        return bool(haproxy.found() if program == "haproxy" else shutil.which(program))

    if not there() and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {program} ...", flush=True)
        for words in (("update", "-qq"), ("install", "-qq", "-y", "--no-install-recommends", program)):
            subprocess.run(("apt-get", *words), capture_output=True, check=False)
    return "" if there() else f"{program} is not installed (on Debian: apt-get install {program})"


def versions() -> dict[str, str]:
    """Of all that takes part."""
    found = {
        name: version(name) for name in ("offhook", "picows", "uvicorn", "uvloop", "msgspec", "fastapi", "websockets")
    }
    program = haproxy.found()
    if program is not None:
        said = subprocess.run((program, "-v"), capture_output=True, text=True, check=False).stdout.split()
        found["haproxy"] = said[2] if len(said) > 2 else "?"
    found |= pipecat_versions()
    return found


def pipecat_versions() -> dict[str, str]:
    """Of what its lock pins: itself, and the event loop of its server."""
    pinned = dict(
        line.split("==", 1) for line in PIPECAT_LOCK.read_text().splitlines() if "==" in line and line[0] != "#"
    )
    itself = next(number for name, number in pinned.items() if name.startswith("pipecat-ai"))
    return {"pipecat-ai": itself} | ({PIPECAT_UVLOOP: pinned["uvloop"]} if "uvloop" in pinned else {})


LIGHT, FULL = Pattern.LIGHT, Pattern.FULL

SYSTEMS: Final = (
    System(
        "haproxy",
        "HAProxy, TCP mode, the same bytes unread",
        start_haproxy,
        {LIGHT: (20, 300), FULL: (100, 300, 500)},
        {LIGHT: (20, 100), FULL: (300,)},
        50,
        haproxy_missing,
    ),
    System(
        "offhook",
        "Offhook, µ-law passed through",
        start_offhook,
        {LIGHT: (20, 100, 300, 500, 700), FULL: (50, 100, 200, 300, 400, 500)},
        {LIGHT: (20, 100), FULL: (50, 300)},
        50,
    ),
    System(
        "offhook-wss",
        "Offhook, TLS to the engine",
        start_offhook_tls,
        {LIGHT: (20, 300), FULL: (100, 300)},
        {LIGHT: (), FULL: (100,)},
        40,
        tls_missing,
    ),
    System(
        "offhook-24k",
        "Offhook, resampling 8 ↔ 24 kHz",
        start_offhook_linear,
        {LIGHT: (20, 100, 200), FULL: (20, 100, 200)},
        {LIGHT: (), FULL: (100,)},
        40,
    ),
    System(
        "usual-sample",
        "the usual sample (FastAPI, a thread hop a frame)",
        start_usual_sample,
        {LIGHT: (20, 50, 75, 100, 150), FULL: (20, 40, 60, 80, 100, 120)},
        {LIGHT: (20, 75), FULL: ()},
        20,
    ),
    System(
        "usual-sample-ulaw",
        "the same sample, µ-law passed through, no thread",
        start_usual_sample_ulaw,
        {LIGHT: (20, 100, 200, 300, 400), FULL: (50, 100, 200, 300)},
        {LIGHT: (20,), FULL: ()},
        20,
    ),
    System(
        "pipecat",
        "Pipecat, its Twilio form",
        start_pipecat,
        {LIGHT: (10, 20, 30, 40, 50), FULL: (10, 20, 30)},
        {LIGHT: (20,), FULL: ()},
        5,
        pipecat_missing,
    ),
)
