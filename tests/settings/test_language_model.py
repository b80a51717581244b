import pytest
from pydantic import SecretStr

from offhook.errors import SettingsError
from offhook.settings import LanguageModel, Settings

URL = "http://127.0.0.1:11434/v1"


def test_without_an_address_there_is_none() -> None:
    assert LanguageModel.of(Settings()) is None
    assert LanguageModel.of(Settings(llm_model="llama3.2")) is None


def test_it_is_an_address_a_model_and_perhaps_a_key() -> None:
    assert LanguageModel.of(Settings(llm_url=URL, llm_model="llama3.2")) == LanguageModel(URL, "llama3.2", "")

    keyed = LanguageModel.of(Settings(llm_url=URL, llm_model="llama3.2", llm_api_key=SecretStr("sk-secret")))
    assert keyed is not None
    assert keyed.api_key == "sk-secret"
    assert "sk-secret" not in f"{keyed}"


def test_an_address_needs_a_model() -> None:
    with pytest.raises(SettingsError) as error:
        LanguageModel.of(Settings(llm_url=URL))
    assert str(error.value) == (
        "OFFHOOK_LLM_MODEL: must be set when OFFHOOK_LLM_URL is; for example OFFHOOK_LLM_MODEL=llama3.2"
    )
