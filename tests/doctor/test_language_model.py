from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from offhook.doctor.finding import Finding, Verdict
from offhook.doctor.language_model import language_model_reachable, model_named, models_url
from offhook.settings import Settings

Serve = Callable[..., Awaitable[Any]]
MODELS = {"object": "list", "data": [{"id": "llama3.2:latest"}, {"id": "qwen3"}]}


async def asked(url: str, *, model: str = "qwen3", key: SecretStr | None = None, limit_s: float = 5) -> Finding:
    return await language_model_reachable(Settings(llm_url=url, llm_model=model, llm_api_key=key), limit_s)


def test_an_address_without_a_model_fails() -> None:
    finding = model_named(Settings(llm_url="http://127.0.0.1:11434/v1"))
    assert finding is not None
    assert finding.verdict is Verdict.FAILED
    assert finding.detail == "OFFHOOK_LLM_MODEL must be set when OFFHOOK_LLM_URL is"
    assert finding.remedy == "for example OFFHOOK_LLM_MODEL=llama3.2"


def test_there_is_nothing_to_say_of_a_model_that_is_named_or_not_wanted() -> None:
    assert model_named(Settings()) is None
    assert model_named(Settings(llm_url="http://127.0.0.1:11434/v1", llm_model="llama3.2")) is None


async def test_no_model_is_well() -> None:
    assert (await language_model_reachable(Settings(), 5)).verdict is Verdict.OK


@pytest.mark.parametrize("model", ["qwen3", "llama3.2", "llama3.2:latest"])
async def test_an_endpoint_that_has_the_model_is_well(serve: Serve, model: str) -> None:
    server = await serve("200 OK", MODELS)
    finding = await asked(f"{server.url}/v1", model=model, key=SecretStr("sk-key"))
    assert (finding.verdict, finding.detail) == (Verdict.OK, f"127.0.0.1:{server.port} has {model}")
    [request] = server.requests
    assert request.startswith("GET /v1/models HTTP/1.1")
    assert "authorization: bearer sk-key" in request.lower()


async def test_a_model_on_this_machine_is_not_asked_through_a_proxy(
    serve: Serve, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
    for exempt in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(exempt, raising=False)
    server = await serve("200 OK", MODELS)
    assert (await asked(f"{server.url}/v1")).verdict is Verdict.OK


async def test_a_model_elsewhere_is_asked_through_the_proxy(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = await serve("200 OK", MODELS)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    for exempt in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(exempt, raising=False)
    assert (await asked("http://models.example/v1")).verdict is Verdict.OK
    assert proxy.requests[0].startswith("GET http://models.example/v1/models ")


async def test_without_a_key_none_is_sent(serve: Serve) -> None:
    server = await serve("200 OK", MODELS)
    await asked(f"{server.url}/v1")
    assert "authorization" not in server.requests[0].lower()


@pytest.mark.parametrize(
    ("status", "body", "said", "remedy"),
    [
        ("200 OK", {"data": [{"id": "other"}]}, "does not list qwen3", "check OFFHOOK_LLM_MODEL"),
        ("200 OK", {"models": []}, "not with a list of models", "check OFFHOOK_LLM_URL"),
        ("200 OK", {"data": ["qwen3"]}, "not with a list of models", "check OFFHOOK_LLM_URL"),
        ("200 OK", [], "not with a list of models", "check OFFHOOK_LLM_URL"),
        ("200 OK", "<html>", "not with a list of models", "check OFFHOOK_LLM_URL"),
        ("401 Unauthorized", "", "does not accept the key (401)", "OFFHOOK_LLM_API_KEY"),
        ("403 Forbidden", "", "does not accept the key (403)", "OFFHOOK_LLM_API_KEY"),
        ("404 Not Found", "", "answers HTTP 404", "check OFFHOOK_LLM_URL"),
        ("500 Internal Server Error", "", "answers HTTP 500", "check OFFHOOK_LLM_URL"),
    ],
)
async def test_what_is_not_right_is_a_warning(serve: Serve, status: str, body: Any, said: str, remedy: str) -> None:
    server = await serve(status, body)
    finding = await asked(f"{server.url}/v1", key=SecretStr("sk-secret"))
    assert finding.verdict is Verdict.WARNING
    assert said in finding.detail
    assert remedy in (finding.remedy or "")
    assert "sk-secret" not in f"{finding}"


async def test_an_endpoint_that_does_not_answer_is_a_warning(serve: Serve, closed_port: int) -> None:
    silent = await serve()
    for url, said in ((silent.url, "no answer"), (f"http://127.0.0.1:{closed_port}", "refused")):
        finding = await asked(f"{url}/v1", limit_s=0.3)
        assert finding.verdict is Verdict.WARNING
        assert said in finding.detail


def test_the_list_stands_beside_the_chat() -> None:
    assert models_url("http://h:1/v1") == models_url("http://h:1/v1/") == "http://h:1/v1/models"
    assert models_url("http://h:1/v1/chat/completions") == "http://h:1/v1/models"
