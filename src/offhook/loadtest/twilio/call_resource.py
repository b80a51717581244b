"""The Call and Account resources as JSON (Twilio docs: "Call resource"), as the ``twilio`` package reads them."""

from datetime import datetime
from typing import Any

from offhook.loadtest.twilio.facts import API_VERSION
from offhook.loadtest.twilio.life import rfc2822
from offhook.loadtest.twilio.line import Line

_SUBRESOURCES = ("notifications", "recordings", "streams", "transcriptions", "siprec", "payments", "events")


def call_json(line: Line) -> dict[str, Any]:
    """One call."""
    life, account_sid = line.life, line.facts.account_sid
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Calls/{line.sid}"
    return {
        "sid": line.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "answered_by": line.answered_by or None,
        "caller_name": None,
        "date_created": rfc2822(life.created),
        "date_updated": rfc2822(life.updated),
        "direction": line.facts.direction,
        "duration": str(round(life.talk_s)) if life.over and line.answered else None,
        "end_time": _moment(life.ended),
        "forwarded_from": line.facts.extra.get("ForwardedFrom"),
        "from": line.caller,
        "from_formatted": line.caller,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "start_time": _moment(life.answered),
        "status": line.status,
        "subresource_uris": {name: f"{uri}/{name.capitalize()}.json" for name in _SUBRESOURCES},
        "to": line.dialled,
        "to_formatted": line.dialled,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def account_json(account_sid: str, created: datetime) -> dict[str, Any]:
    """The account."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}"
    return {
        "sid": account_sid,
        "owner_account_sid": account_sid,
        "friendly_name": "Stand-in",
        "status": "active",
        "type": "Full",
        "auth_token": None,
        "date_created": rfc2822(created),
        "date_updated": rfc2822(created),
        "subresource_uris": {"calls": f"{uri}/Calls.json"},
        "uri": f"{uri}.json",
    }


def _moment(moment: datetime | None) -> str | None:
    return rfc2822(moment) if moment else None
