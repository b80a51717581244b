from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from twilio.request_validator import RequestValidator

from offhook.loadtest.twilio.address import AddressBook
from offhook.loadtest.twilio.debugger import HTTP_CONNECTION, HTTP_RETRIEVAL, ApplicationError
from offhook.loadtest.twilio.webhooks import Webhooks

if TYPE_CHECKING:
    from tests.loadtest.twilio.conftest import Gateway

TOKEN = "testtoken123"
FORM = {"CallSid": "CA1", "FromCity": "", "From": "+1555"}


async def test_a_post_is_a_signed_form(gateway: Gateway) -> None:
    gateway.answer("/voice", "<Response/>")
    url = f"{gateway.url}/voice?tenant=a#rc=2"
    async with Webhooks(TOKEN, AddressBook(), 5) as webhooks:
        answer = await webhooks.request("POST", url, FORM)

    [asked] = gateway.asked
    assert (answer.status, answer.content_type, answer.text) == (200, "text/xml", "<Response/>")
    assert asked.form == FORM
    assert asked.query == "tenant=a"
    assert RequestValidator(TOKEN).validate(
        f"{gateway.url}/voice?tenant=a", asked.form, asked.headers["x-twilio-signature"]
    )


async def test_a_get_has_its_fields_in_the_url_and_signs_them_there(gateway: Gateway) -> None:
    gateway.answer("/voice", "<Response/>")
    async with Webhooks(TOKEN, AddressBook(), 5) as webhooks:
        await webhooks.request("GET", f"{gateway.url}/voice?tenant=a", FORM)

    [asked] = gateway.asked
    assert asked.query == "tenant=a&CallSid=CA1&FromCity=&From=%2B1555"
    assert RequestValidator(TOKEN).validate(
        f"{gateway.url}/voice?{asked.query}", {}, asked.headers["x-twilio-signature"]
    )


async def test_behind_a_proxy_the_public_url_is_signed(gateway: Gateway) -> None:
    gateway.answer("/voice", "<Response/>")
    book = AddressBook("https://gw.example", gateway.url, {"X-Forwarded-Proto": "https"})
    async with Webhooks(TOKEN, book, 5) as webhooks:
        await webhooks.request("POST", "https://gw.example/voice", FORM)

    [asked] = gateway.asked
    assert asked.headers["host"] == "gw.example"
    assert asked.headers["x-forwarded-proto"] == "https"
    assert RequestValidator(TOKEN).validate("https://gw.example/voice", asked.form, asked.headers["x-twilio-signature"])


async def test_a_bad_status_is_11200(gateway: Gateway) -> None:
    gateway.answer("/voice", "moved", status=302)
    async with Webhooks(TOKEN, AddressBook(), 5) as webhooks:
        for path in ("/voice", "/nowhere"):
            with pytest.raises(ApplicationError, match=r"HTTP (302|404)") as caught:
                await webhooks.request("POST", gateway.url + path, FORM)
            assert caught.value.code == HTTP_RETRIEVAL


async def test_nobody_there_is_11205() -> None:
    async with Webhooks(TOKEN, AddressBook(), 5) as webhooks:
        with pytest.raises(ApplicationError) as caught:
            await webhooks.request("POST", "http://127.0.0.1:9/voice", FORM)

    assert caught.value.code == HTTP_CONNECTION


@pytest.mark.parametrize("url", ["", "/voice", "ftp://gw.example/voice"])
async def test_what_is_no_http_url_is_an_error(url: str) -> None:
    async with Webhooks(TOKEN, AddressBook(), 5) as webhooks:
        with pytest.raises(ApplicationError, match="not an http or https URL"):
            await webhooks.request("POST", url, FORM)


async def test_an_answer_that_takes_too_long_is_given_up() -> None:
    # Connections are made by the kernel, and nobody takes them.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with Webhooks(TOKEN, AddressBook(), 0.2) as webhooks:
            with pytest.raises(ApplicationError, match="no answer within"):
                await webhooks.request("POST", f"http://127.0.0.1:{port}/voice", FORM)
