"""Reading settings: the environment wins over ``offhook.toml``, which wins over the defaults."""

import difflib
import logging
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from offhook.errors import SettingsError
from offhook.settings.schema import Settings, variable_of
from offhook.settings.shape import ShapeError
from offhook.settings.table import EMPTY_HAS_A_MEANING, TABLE, Setting

FILE_NAME = "offhook.toml"
FILE_VARIABLE = variable_of("config")
EXAMPLES_PREFIX = variable_of("example_")
"""What the example agents read for themselves."""
SHOWN_CHARS = 60
"""An error shows this much of a wrong value."""

_ROWS = {setting.name: setting for setting in TABLE}
_ROWS_BY_VARIABLE = {setting.variable: setting for setting in TABLE if setting.variable}


class Origin(StrEnum):
    """Where a value came from."""

    DEFAULT = "default"
    ENVIRONMENT = "environment"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings, and how they were found."""

    settings: Settings
    origins: Mapping[str, Origin]
    """By name, for every setting."""
    file: Path | None
    """The file that was read, if there is one."""
    warnings: tuple[str, ...]
    """One line for each variable that looks like ours and is not."""


def load_settings(environ: Mapping[str, str] | None = None, cwd: Path | None = None) -> Settings:
    """Read the settings; warnings go to the log ``offhook.settings``, or to stderr when logs are not set up yet.

    ``environ`` is the process's environment and ``cwd`` its directory unless given. Raises SettingsError for the first
    setting that is wrong.
    """
    reading = read_settings(environ, cwd)
    for warning in reading.warnings:
        logging.getLogger("offhook.settings").warning(warning)
    return reading.settings


def read_settings(environ: Mapping[str, str] | None = None, cwd: Path | None = None) -> Reading:
    """As ``load_settings``, with where each value came from; warnings are returned, not logged."""
    environ = os.environ if environ is None else environ
    path = _find_file(environ, cwd or Path.cwd())
    in_file = _read_file(path) if path else {}
    in_environment = {
        setting.name: value.strip()
        for variable, setting in _ROWS_BY_VARIABLE.items()
        if (value := environ.get(variable)) is not None and _is_set(setting, value)
    }
    try:
        settings = Settings(**{**in_file, **in_environment})
    except ValidationError as error:
        raise _first(error, in_environment, path) from None
    origins = {
        name: Origin.ENVIRONMENT if name in in_environment else Origin.FILE if name in in_file else Origin.DEFAULT
        for name in _ROWS
    }
    return Reading(settings, MappingProxyType(origins), path, tuple(_strangers(environ)))


def _find_file(environ: Mapping[str, str], cwd: Path) -> Path | None:
    named = environ.get(FILE_VARIABLE, "").strip()
    path = cwd / (named or FILE_NAME)
    if os.path.isfile(path):  # and not Path.is_file, which raises where a directory may not be read
        return path
    if named:
        raise SettingsError(FILE_VARIABLE, f"there is no file {named!r}", f"{FILE_VARIABLE}={FILE_NAME}")
    return None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(path.name, f"not TOML: {error}", 'port = 8000, or host = "0.0.0.0"') from None
    except UnicodeDecodeError as error:
        raise SettingsError(path.name, f"not UTF-8 at byte {error.start}", "a file saved as UTF-8") from None
    except OSError as error:
        raise SettingsError(path.name, f"cannot be read: {error.strerror}", f"chmod u+r {path}") from None
    for key in document:
        if key not in _ROWS:
            near = _nearest(key, _ROWS)
            reason = f"no such setting; did you mean {near}?" if near else "no such setting"
            raise SettingsError(f"{key} in {path.name}", reason, _ROWS[near or "port"].file_line)
    return {
        key: value.strip() if isinstance(value, str) else value
        for key, value in document.items()
        if _is_set(_ROWS[key], value)
    }


def _is_set(setting: Setting, value: object) -> bool:
    empty = isinstance(value, str) and not value.strip()
    return not empty or setting.name in EMPTY_HAS_A_MEANING


def _first(error: ValidationError, in_environment: Mapping[str, str], path: Path | None) -> SettingsError:
    # Pydantic checks fields in the order in which they are declared, which is the table's.
    first = error.errors(include_url=False)[0]
    setting = _ROWS[str(first["loc"][0])]
    cause = first.get("ctx", {}).get("error")
    given = cause.culprit if isinstance(cause, ShapeError) else first["input"]
    reason = f"must be {setting.must}" + (f", not {_shown(given)}" if setting.echoed else "")
    if setting.name in in_environment:
        return SettingsError(variable_of(setting.name), reason, setting.variable_line)
    place = f" in {path.name}" if path else ""
    return SettingsError(f"{setting.name}{place}", reason, setting.file_line)


def _shown(value: object) -> str:
    text = repr(value)
    if "@" in text:
        return "an address with a user or password in it"
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"


def _strangers(environ: Mapping[str, str]) -> Iterable[str]:
    prefix = variable_of("")
    known = {*_ROWS_BY_VARIABLE, FILE_VARIABLE}
    for name in sorted(environ):
        if not name.upper().startswith(prefix) or name in known or name.upper().startswith(EXAMPLES_PREFIX):
            continue
        file_only = _ROWS.get(name.upper().removeprefix(prefix).lower())
        if file_only and file_only.variable is None:
            yield f"{name} is not read: {file_only.name} is set in {FILE_NAME}"
        elif near := _nearest(name[len(prefix) :].lower(), (*_ROWS, "config")):
            yield f"{name} is not a setting; did you mean {variable_of(near)}?"
        else:
            yield f"{name} is not a setting; `offhook config` lists them"


def _nearest(name: str, names: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return near[0] if near else None
