"""Running the checks."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from offhook.doctor import engine, language_model, speech_server
from offhook.doctor.carrier import credentials_accepted
from offhook.doctor.configuration import access, engine_key, settings_read, settings_wrong
from offhook.doctor.engine import engine_reachable
from offhook.doctor.finding import Finding
from offhook.doctor.language_model import language_model_reachable, model_named
from offhook.doctor.lookup import LookupLoop
from offhook.doctor.machine import file_limit, open_file_limits, python_version, working_directory
from offhook.doctor.port import is_running, port_free
from offhook.doctor.public_address import public_address
from offhook.doctor.speech_server import parts_installed, speech_server_reachable
from offhook.errors import SettingsError
from offhook.settings import Settings, read_settings

LOCAL_LIMIT_S = 1.0
"""How long our own port may take to answer."""
NETWORK_LIMIT_S = 6.0
"""How long each check over the network may take. They run side by side, so that all is said within 8 seconds."""


def examine(
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    *,
    offline: bool = False,
    limit_s: float = NETWORK_LIMIT_S,
) -> list[Finding]:
    """Look at everything, and return what was found in the order in which it should be put right.

    ``offline`` leaves out what asks other machines.
    """
    cwd = cwd or Path.cwd()
    findings = [python_version(tuple(sys.version_info[:3])), working_directory(cwd)]
    try:
        reading = read_settings(environ, cwd)
    except SettingsError as error:
        return [*findings, settings_wrong(error)]
    settings = reading.settings
    findings += [settings_read(reading), access(settings)]
    engines = [
        engine_key(settings) if engine.is_used(settings) else None,
        parts_installed(settings) if speech_server.is_used(settings) else None,
        model_named(settings),
    ]
    findings += filter(None, engines)
    findings.append(file_limit(*open_file_limits(), settings.max_calls_per_worker))
    with asyncio.Runner(loop_factory=LookupLoop) as runner:
        return findings + runner.run(_examine_network(settings, limit_s, offline=offline))


async def _examine_network(settings: Settings, limit_s: float, *, offline: bool) -> list[Finding]:
    running = await is_running(settings.host, settings.port, LOCAL_LIMIT_S)
    port = port_free(settings.host, settings.port, running=running)
    if offline:
        return [port]
    checks = [
        engine_reachable(settings, limit_s) if engine.is_used(settings) else None,
        speech_server_reachable(settings, limit_s) if speech_server.is_used(settings) else None,
        language_model_reachable(settings, limit_s) if language_model.is_whole(settings) else None,
        credentials_accepted(settings, limit_s),
        public_address(settings.public_url, limit_s, running=running),
    ]
    return [port, *await asyncio.gather(*filter(None, checks))]
