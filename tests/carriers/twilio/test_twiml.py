"""The documents, read by the stand-in's TwiML parser, which is not the package that wrote them."""

import pytest

from offhook.carriers.twilio import twiml
from offhook.carriers.twilio.addresses import Addresses
from offhook.loadtest.twilio.twiml import Connect, Dial, Hangup, Redirect, Reject, Say, Stream, parse

ADDRESSES = Addresses("https://gw.example")
RESUME = "https://gw.example/twilio/resume?call=call_1"


def test_a_stream_is_opened_and_whatever_becomes_of_it_we_are_asked_next() -> None:
    document = parse(twiml.stream(ADDRESSES, "w0", "call_1", "1.2.x"))

    assert document.warnings == ()
    assert document.verbs == (
        Connect(Stream("wss://gw.example/ws/media/w0/call_1/1.2.x"), action=RESUME, method="POST"),
        Redirect(RESUME, method="POST"),
    )


def test_the_address_of_a_stream_has_no_query_because_twilio_drops_it() -> None:
    [connect, _] = parse(twiml.stream(ADDRESSES, "w0", "call_1", "1.2.x")).verbs

    assert isinstance(connect, Connect)
    assert "?" not in connect.stream.url


def test_a_busy_worker_rejects_with_the_very_first_verb() -> None:
    assert parse(twiml.busy()).verbs == (Reject("busy"),)


def test_a_goodbye_says_its_sentence_and_hangs_up() -> None:
    assert parse(twiml.goodbye('Tschüß & <bye>, "you" ☎')).verbs == (Say('Tschüß & <bye>, "you" ☎'), Hangup())


@pytest.mark.parametrize("sentence", [None, ""])
def test_a_goodbye_without_words_just_hangs_up(sentence: str | None) -> None:
    assert parse(twiml.goodbye(sentence)).verbs == (Hangup(),)


@pytest.mark.parametrize("to", ["+15550003333", "sip:desk@example.com", "sips:desk@example.com;transport=tls"])
def test_a_transfer_dials_and_tells_us_how_it_ended(to: str) -> None:
    action = "https://gw.example/twilio/transferred?call=call_1"

    assert parse(twiml.transfer(ADDRESSES, "call_1", to)).verbs == (Dial(to, action=action, method="POST"),)


def test_a_number_and_a_sip_address_are_different_nouns() -> None:
    assert "<Number>+15550003333</Number>" in twiml.transfer(ADDRESSES, "call_1", "+15550003333")
    assert "<Sip>sip:desk@example.com</Sip>" in twiml.transfer(ADDRESSES, "call_1", "sip:desk@example.com")


def test_a_document_of_somebody_else_is_taken_as_it_is() -> None:
    document = "<Response><Dial>+15550009999</Dial></Response>"
    assert twiml.given(document.encode()) == document
    assert parse(twiml.given(b'\xef\xbb\xbf<?xml version="1.0"?>\n<Response/>\n')).verbs == ()


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (b"", "not well-formed XML"),
        (b"hello", "not well-formed XML"),
        (b"<Response>", "not well-formed XML"),
        (b"<Response/><Response/>", "not well-formed XML"),
        (b"<Response>&nbsp;</Response>", "not well-formed XML"),
        (b"<Response>\x00</Response>", "not well-formed XML"),
        (b"<html/>", "its root is <html>, not <Response>"),
        (b"<response/>", "its root is <response>"),
        (b"<Response>\xff</Response>", "not UTF-8 at byte 10"),
        (b'<!DOCTYPE r [<!ENTITY a "x">]><Response>&a;</Response>', "DOCTYPE"),
        (b"<Response>" + b" " * 65536 + b"</Response>", "over 65536 bytes"),
        (b"<a>" * 20_000, "not well-formed XML"),
    ],
    ids=range(12),
)
def test_what_is_no_twiml_is_told_apart(document: bytes, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        twiml.given(document)
