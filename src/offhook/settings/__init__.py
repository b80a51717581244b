"""What can be set, from the environment and from ``offhook.toml``. Only data: nothing here builds anything.

Read in this order: ``shape`` (what a right value looks like), ``schema`` (the settings), ``table`` (the same as rows,
from which the docs and the errors come), ``load`` (reading them), ``access`` and ``language_model`` (what must be set
together).
"""

from offhook.settings.access import (
    Access,
    access_warnings,
    is_loopback,
    require_safe_access,
    require_safe_speech_access,
)
from offhook.settings.language_model import LanguageModel
from offhook.settings.load import Origin, Reading, load_settings, read_settings
from offhook.settings.schema import ENGINES, Settings
from offhook.settings.table import TABLE, Setting

__all__ = [
    "ENGINES",
    "TABLE",
    "Access",
    "LanguageModel",
    "Origin",
    "Reading",
    "Setting",
    "Settings",
    "access_warnings",
    "is_loopback",
    "load_settings",
    "read_settings",
    "require_safe_access",
    "require_safe_speech_access",
]
