"""The documents that Twilio is answered with (Twilio docs, "TwiML for Programmable Voice")."""

from typing import Final
from xml.etree import ElementTree

from twilio.twiml.voice_response import VoiceResponse

from offhook.carriers.twilio.addresses import Addresses

DOCUMENT_LIMIT_BYTES: Final = 64 * 1024
"""Twilio docs, "How to share information between your applications": TwiML of at most 64 kB."""


def stream(addresses: Addresses, worker: str, call_id: str, token: str) -> str:
    """Connect the call's sound to us.

    When the stream ends Twilio requests ``action``; should it not, it comes to the Redirect behind, which is the same
    address. So whatever happens to a stream, Twilio asks us next.
    """
    document = VoiceResponse()
    resume = addresses.resume(call_id)
    document.connect(action=resume, method="POST").stream(url=addresses.media(worker, call_id, token))
    document.redirect(resume, method="POST")
    return str(document)


def busy() -> str:
    """Refuse the call before it is answered, which costs nobody anything. Only as the very first verb."""
    document = VoiceResponse()
    document.reject(reason="busy")
    return str(document)


def given(document: bytes) -> str:
    """A document that somebody else wrote. Raises ValueError, with what is wrong, unless it is TwiML in form."""
    if len(document) > DOCUMENT_LIMIT_BYTES:
        raise ValueError(f"it is over {DOCUMENT_LIMIT_BYTES} bytes")
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 at byte {error.start}") from None
    if "<!DOCTYPE" in text:
        raise ValueError("it has a DOCTYPE, which TwiML has not")
    try:
        root = ElementTree.fromstring(text.strip())
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError(f"it is not well-formed XML: {error}") from None
    if root.tag != "Response":
        raise ValueError(f"its root is <{root.tag[:40]}>, not <Response>")
    return text.strip()


def goodbye(sentence: str | None) -> str:
    """Say a sentence, if there is one, and hang up."""
    document = VoiceResponse()
    if sentence:
        document.say(sentence)
    document.hangup()
    return str(document)


def transfer(addresses: Addresses, call_id: str, to: str) -> str:
    """Connect the caller to somebody else: a number, or a ``sip:`` address."""
    document = VoiceResponse()
    dial = document.dial(action=addresses.transferred(call_id), method="POST")
    if to.startswith(("sip:", "sips:")):
        dial.sip(to)
    else:
        dial.number(to)
    return str(document)
