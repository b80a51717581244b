"""Twilio: are the credentials right."""

import asyncio

import httpx

from offhook.doctor.finding import Finding, failed, ok, warning
from offhook.doctor.trouble import trouble
from offhook.settings import Settings

NAME = "twilio"


def credentials_missing(settings: Settings) -> Finding | None:
    """What is not set, or None when both are."""
    sid, token = settings.twilio_account_sid, settings.twilio_auth_token
    if sid is None and token is None:
        return warning(
            NAME,
            "no credentials: calls cannot be placed, transferred or ended",
            "set OFFHOOK_TWILIO_ACCOUNT_SID and OFFHOOK_TWILIO_AUTH_TOKEN, from console.twilio.com",
        )
    if token is None:
        return failed(NAME, "an account without its token", "set OFFHOOK_TWILIO_AUTH_TOKEN, from console.twilio.com")
    if sid is None:
        return warning(
            NAME,
            "a token without its account: calls can come in, but not be placed, transferred or ended",
            "set OFFHOOK_TWILIO_ACCOUNT_SID, from console.twilio.com",
        )
    return None


async def credentials_accepted(settings: Settings, limit_s: float) -> Finding:
    """Fetch the account: ``GET /2010-04-01/Accounts/{sid}.json`` (twilio.com/docs/iam/api/account)."""
    if missing := credentials_missing(settings):
        return missing
    sid = settings.twilio_account_sid or ""
    token = settings.twilio_auth_token.get_secret_value() if settings.twilio_auth_token else ""
    url = f"{settings.twilio_api_url}/2010-04-01/Accounts/{sid}.json"
    try:
        async with asyncio.timeout(limit_s), httpx.AsyncClient(timeout=limit_s, auth=(sid, token)) as client:
            answer = await client.get(url)
    except Exception as error:
        why = trouble(error, url, limit_s)
        return failed(NAME, why.detail, why.remedy)
    return judge(answer)


def judge(answer: httpx.Response) -> Finding:
    """What Twilio's answer says about the account."""
    match answer.status_code:
        case 200:
            pass
        case 401:
            return failed(
                NAME,
                "Twilio does not accept the credentials (401)",
                "copy OFFHOOK_TWILIO_ACCOUNT_SID and OFFHOOK_TWILIO_AUTH_TOKEN again, from one account",
            )
        case 404:
            return failed(NAME, "there is no such account (404)", "check OFFHOOK_TWILIO_ACCOUNT_SID")
        case 429:
            return warning(NAME, "Twilio has too many requests from this account (429)", "try again in a minute")
        case status if status >= 500:
            return failed(NAME, f"Twilio answers HTTP {status}", "try again; status.twilio.com tells of failures")
        case status:
            return failed(NAME, f"HTTP {status}, which is not Twilio's answer", "check OFFHOOK_TWILIO_API_URL")
    try:
        account = answer.json()
        status, kind = account["status"], account.get("type", "Full")
    except (ValueError, KeyError, TypeError, AttributeError):
        return failed(NAME, "the answer is not an account", "check OFFHOOK_TWILIO_API_URL")
    if status != "active":
        return failed(NAME, f"the account is {status}", "console.twilio.com says why")
    return ok(NAME, "the credentials are right" + (", of a trial account" if kind == "Trial" else ""))
