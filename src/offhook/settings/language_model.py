"""The language model that the embedded speech engine talks with, if there is one."""

from dataclasses import dataclass, field

from offhook.errors import SettingsError
from offhook.settings.schema import Settings, variable_of
from offhook.settings.table import example_of


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """An endpoint that speaks OpenAI's chat completions."""

    url: str
    """Its base: ``http://127.0.0.1:11434/v1``."""
    model: str
    api_key: str = field(default="", repr=False)
    """Empty: none is sent."""

    @classmethod
    def of(cls, settings: Settings) -> "LanguageModel | None":
        """The one that is set; None if none is. Raises SettingsError for an address without a model."""
        if settings.llm_url is None:
            return None
        if settings.llm_model is None:
            reason = f"must be set when {variable_of('llm_url')} is"
            raise SettingsError(variable_of("llm_model"), reason, example_of("llm_model"))
        key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else ""
        return cls(settings.llm_url, settings.llm_model, key)
