"""The settings: do they load, who could come in with them, is there a key for the engine."""

from collections import Counter

from offhook.doctor.finding import Finding, failed, ok, warning
from offhook.errors import SettingsError
from offhook.settings import Origin, Reading, Settings, access_warnings, require_safe_access, require_safe_speech_access


def settings_read(reading: Reading) -> Finding:
    """How many settings came from where, and which variables are not settings at all."""
    if reading.warnings:
        return warning("settings", "; ".join(reading.warnings), "correct the name, or unset the variable")
    count = Counter(reading.origins.values())
    file = f"{count[Origin.FILE]} from {reading.file.name}" if reading.file else "no offhook.toml"
    return ok("settings", f"{count[Origin.ENVIRONMENT]} from the environment, {file}")


def settings_wrong(error: SettingsError) -> Finding:
    """The first wrong setting. Nothing else can be looked at before it is right."""
    return failed("settings", f"{error.name}: {error.reason}", f"for example {error.example}")


def access(settings: Settings) -> Finding:
    """Whether anyone could come in who should not."""
    try:
        require_safe_access(settings)
        require_safe_speech_access(settings)
    except SettingsError as error:
        return failed("access", f"{error.name} {error.reason}", f"for example {error.example}")
    if lines := access_warnings(settings):
        return warning("access", "; ".join(lines), "set them before the gateway is reached from outside")
    return ok("access", "Twilio's signature and the API's token are checked")


def engine_key(settings: Settings) -> Finding:
    """Whether there is a key; ``engine`` sees whether it is right."""
    if settings.openai_api_key is not None:
        return ok("engine key", "OFFHOOK_OPENAI_API_KEY is set")
    remedy = "set OFFHOOK_OPENAI_API_KEY"
    default: str = Settings.model_fields["openai_url"].default
    if settings.openai_url == default:
        return failed("engine key", "OFFHOOK_OPENAI_API_KEY is not set", remedy)
    return warning("engine key", "OFFHOOK_OPENAI_API_KEY is not set", f"{remedy}, if your engine asks for one")
