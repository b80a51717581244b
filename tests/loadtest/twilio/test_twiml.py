import pytest
from twilio.twiml.voice_response import Connect as ConnectBuilder
from twilio.twiml.voice_response import Dial as DialBuilder
from twilio.twiml.voice_response import VoiceResponse

from offhook.loadtest.twilio.debugger import DOCUMENT_PARSE, SCHEMA, ApplicationError
from offhook.loadtest.twilio.twiml import (
    Connect,
    Dial,
    Hangup,
    Pause,
    Play,
    Redirect,
    Reject,
    Say,
    Stream,
    parse,
)


def test_what_the_twilio_package_builds_is_read() -> None:
    response = VoiceResponse()
    connect = ConnectBuilder(action="/after", method="GET")
    stream = connect.stream(url="wss://gw.example/media", name="s", status_callback="/stream-status")
    stream.parameter(name="ticket", value="a & b")
    response.append(connect)
    response.say("Hello", voice="alice", language="en-GB")
    response.play("https://gw.example/a.wav")
    response.play(digits="12w3")
    response.pause(length=3)
    response.redirect("/next", method="GET")
    response.reject(reason="busy")
    response.hangup()

    assert parse(str(response)).verbs == (
        Connect(
            Stream("wss://gw.example/media", "s", "/stream-status", parameters=(("ticket", "a & b"),)), "/after", "GET"
        ),
        Say("Hello", "alice", "en-GB"),
        Play("https://gw.example/a.wav"),
        Play("", "12w3"),
        Pause(3),
        Redirect("/next", "GET"),
        Reject("busy"),
        Hangup(),
    )


def test_defaults_are_those_of_twilio() -> None:
    document = parse(
        '<Response><Reject/><Pause/><Redirect> /a </Redirect><Connect><Stream url="wss://a/b"/></Connect></Response>'
    )

    assert document.verbs == (Reject("rejected"), Pause(1), Redirect("/a", "POST"), Connect(Stream("wss://a/b")))


@pytest.mark.parametrize(
    ("noun", "number"),
    [
        ("+15550003333", "+15550003333"),
        ("<Number>+15550003333</Number>", "+15550003333"),
        ("<Sip>sip:a@b.example</Sip>", "sip:a@b.example"),
        ("<Client>joe</Client>", "client:joe"),
    ],
)
def test_a_transfer_names_whom_to_dial(noun: str, number: str) -> None:
    text = f'<Response><Dial callerId="+1555" action="/d" timeout="20">{noun}</Dial></Response>'

    assert parse(text).verbs == (Dial(number, "+1555", "/d", "POST", 20),)


def test_a_transfer_built_by_the_twilio_package_is_read() -> None:
    response = VoiceResponse()
    dial = DialBuilder(caller_id="+1555")
    dial.number("+15550003333")
    response.append(dial)

    assert parse(str(response)).verbs == (Dial("+15550003333", "+1555"),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<Response>",
        "<response/>",
        "<Response></Response><Response/>",
        '<!DOCTYPE a [<!ENTITY b "c">]><Response><Say>&b;</Say></Response>',
        "<Response><Say>" + "a" * 70_000 + "</Say></Response>",
        "<Response>\x00</Response>",
    ],
)
def test_what_is_no_document_is_error_12100(text: str) -> None:
    with pytest.raises(ApplicationError) as caught:
        parse(text)

    assert caught.value.code == DOCUMENT_PARSE


@pytest.mark.parametrize(
    "verb",
    [
        "<Gather/>",
        "<Start><Stream url='wss://a/b'/></Start>",
        "<Connect/>",
        "<Connect><Room>a</Room></Connect>",
        "<Connect><Stream/></Connect>",
        "<Connect><Stream url='wss://a/b' track='both_tracks'/></Connect>",
        "<Connect><Stream url='wss://a/b'><Param name='a'/></Stream></Connect>",
        f"<Connect><Stream url='wss://a/b'><Parameter name='a' value='{'b' * 500}'/></Stream></Connect>",
        "<Connect method='PUT'><Stream url='wss://a/b'/></Connect>",
        "<Reject reason='bored'/>",
        "<Pause length='-1'/>",
        "<Play/>",
        "<Dial/>",
        "<Dial><Queue>a</Queue></Dial>",
    ],
)
def test_what_cannot_be_run_is_a_clear_error(verb: str) -> None:
    with pytest.raises(ApplicationError) as caught:
        parse(f"<Response>{verb}</Response>")

    assert caught.value.code == SCHEMA
    assert "<" in caught.value.reason


def test_an_attribute_that_twilio_does_not_know_is_a_warning() -> None:
    document = parse('<Response><Say loud="yes" loop="2">Hi</Say></Response>')

    assert document.verbs == (Say("Hi"),)
    assert document.warnings == ("<Say> has no attribute 'loud'",)
