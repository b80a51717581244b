from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from offhook.doctor.carrier import credentials_accepted
from offhook.doctor.finding import Verdict
from offhook.settings import Settings

Serve = Callable[..., Awaitable[Any]]
SID = "AC0123456789abcdef0123456789abcdef"
TOKEN = SecretStr("a-token-of-the-account")


def settings(url: str) -> Settings:
    return Settings(twilio_api_url=url, twilio_account_sid=SID, twilio_auth_token=TOKEN)


async def test_right_credentials_are_well(serve: Serve) -> None:
    server = await serve("200 OK", {"sid": SID, "status": "active", "type": "Full"})
    finding = await credentials_accepted(settings(server.url), 5)
    assert (finding.verdict, finding.detail) == (Verdict.OK, "the credentials are right")
    (request,) = server.requests
    assert request.startswith(f"GET /2010-04-01/Accounts/{SID}.json HTTP/1.1\r\n")
    assert b64encode(f"{SID}:a-token-of-the-account".encode()).decode() in request


async def test_a_trial_account_is_told(serve: Serve) -> None:
    server = await serve("200 OK", {"status": "active", "type": "Trial"})
    assert "trial" in (await credentials_accepted(settings(server.url), 5)).detail


@pytest.mark.parametrize(
    ("status", "body", "verdict", "said"),
    [
        ("401 Unauthorized", {"code": 20003}, Verdict.FAILED, "does not accept the credentials"),
        ("404 Not Found", {"code": 20404}, Verdict.FAILED, "no such account"),
        ("429 Too Many Requests", "", Verdict.WARNING, "too many requests"),
        ("503 Service Unavailable", "", Verdict.FAILED, "HTTP 503"),
        ("301 Moved Permanently", "", Verdict.FAILED, "not Twilio's answer"),
        ("200 OK", {"status": "suspended"}, Verdict.FAILED, "the account is suspended"),
        ("200 OK", {"status": "closed"}, Verdict.FAILED, "the account is closed"),
        ("200 OK", "<html>", Verdict.FAILED, "not an account"),
        ("200 OK", ["active"], Verdict.FAILED, "not an account"),
        ("200 OK", {}, Verdict.FAILED, "not an account"),
    ],
)
async def test_each_answer_has_its_verdict(serve: Serve, status: str, body: Any, verdict: Verdict, said: str) -> None:
    server = await serve(status, body)
    finding = await credentials_accepted(settings(server.url), 5)
    assert finding.verdict is verdict
    assert said in finding.detail
    assert finding.remedy


async def test_silence_refusal_and_unknown_names_are_told_apart(serve: Serve, closed_port: int) -> None:
    silent = await serve()
    assert "no answer" in (await credentials_accepted(settings(silent.url), 0.2)).detail
    assert "refused" in (await credentials_accepted(settings(f"http://127.0.0.1:{closed_port}"), 5)).detail
    assert "DNS" in (await credentials_accepted(settings("https://nowhere.invalid"), 30)).detail


async def test_credentials_that_are_not_set_are_not_tried() -> None:
    nowhere = "https://nowhere.invalid"
    neither = await credentials_accepted(Settings(twilio_api_url=nowhere), 5)
    no_token = await credentials_accepted(Settings(twilio_api_url=nowhere, twilio_account_sid=SID), 5)
    no_account = await credentials_accepted(Settings(twilio_api_url=nowhere, twilio_auth_token=TOKEN), 5)
    assert (neither.verdict, no_token.verdict, no_account.verdict) == (
        Verdict.WARNING,
        Verdict.FAILED,
        Verdict.WARNING,
    )
    assert "OFFHOOK_TWILIO_AUTH_TOKEN" in str(no_token.remedy)
    assert "OFFHOOK_TWILIO_ACCOUNT_SID" in str(no_account.remedy)
