"""The language model of the embedded engine: does its endpoint answer, and does it have the model."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import httpx

from offhook.doctor.finding import Finding, failed, ok, warning
from offhook.doctor.trouble import trouble
from offhook.engines.realtime.address import bearer
from offhook.errors import SettingsError
from offhook.settings import LanguageModel, Settings, is_loopback

NAME = "language model"

_ADDRESS = "check OFFHOOK_LLM_URL"


def is_whole(settings: Settings) -> bool:
    """Whether there is one to ask."""
    return settings.llm_url is not None and settings.llm_model is not None


def model_named(settings: Settings) -> Finding | None:
    """An address without a model fails; None when there is nothing to say."""
    try:
        LanguageModel.of(settings)
    except SettingsError as error:
        return failed(NAME, f"{error.name} {error.reason}", f"for example {error.example}")
    return None


async def language_model_reachable(settings: Settings, limit_s: float) -> Finding:
    """Ask which models there are: ``GET {base}/models`` (platform.openai.com/docs/api-reference/models).

    Nothing worse than a warning comes of it: an endpoint may have no such list, and calls go on without a model, with
    an apology. Raises SettingsError for an address without a model.
    """
    language_model = LanguageModel.of(settings)
    if language_model is None:
        return ok(NAME, "OFFHOOK_LLM_URL is not set; the dialogue does without a model")
    url = models_url(language_model.url)
    outside = not is_loopback(urlsplit(url).hostname or "")  # what is on this machine is not asked through a proxy
    try:
        async with (
            asyncio.timeout(limit_s),
            httpx.AsyncClient(timeout=limit_s, headers=bearer(language_model.api_key), trust_env=outside) as client,
        ):
            answer = await client.get(url)
    except Exception as error:
        why = trouble(error, url, limit_s)
        return warning(NAME, why.detail, why.remedy)
    return judge(answer, urlsplit(url).netloc, language_model.model)


def models_url(url: str) -> str:
    """Where the list is, given the base; the address of the chat completions themselves will do as well."""
    return f"{url.rstrip('/').removesuffix('/chat/completions')}/models"


def judge(answer: httpx.Response, host: str, model: str) -> Finding:
    """What the endpoint's answer says about the model."""
    match answer.status_code:
        case 200:
            pass
        case 401 | 403 as status:
            return warning(
                NAME, f"{host} does not accept the key ({status})", "put a valid key into OFFHOOK_LLM_API_KEY"
            )
        case status:
            return warning(NAME, f"{host} answers HTTP {status} when asked for its models", _ADDRESS)
    try:
        body: Any = answer.json()
        names = {str(entry["id"]) for entry in body["data"]}
    except (ValueError, KeyError, TypeError):
        return warning(NAME, f"{host} answers, but not with a list of models", _ADDRESS)
    # Ollama lists "llama3.2:latest" for what may be called "llama3.2".
    if model not in names and f"{model}:latest" not in names:
        return warning(NAME, f"{host} does not list {model}", "check OFFHOOK_LLM_MODEL")
    return ok(NAME, f"{host} has {model}")
