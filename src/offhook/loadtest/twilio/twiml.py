"""TwiML as values: the text of a document in, its verbs out (Twilio docs: "TwiML for Programmable Voice").

The verbs that a gateway for media streams has a use for: Connect, Redirect, Reject, Hangup, Pause, Say, Play, Dial.
Anything else is an ApplicationError that says so; Twilio itself knows more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from xml.etree import ElementTree

from offhook.loadtest.twilio.debugger import DOCUMENT_PARSE, SCHEMA, ApplicationError

DOCUMENT_LIMIT_BYTES: Final = 64 * 1024
"""Of one document. Twilio's own limit is said to be the same: UNVERIFIED."""

PARAMETER_LIMIT_CHARS: Final = 500
"""Of the name and value of one ``<Parameter>`` together. UNVERIFIED; a gateway should stay below."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Where the sound of the call goes."""

    url: str
    name: str = ""
    status_callback: str = ""
    status_callback_method: str = "POST"
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Connect:
    """Give the call to a stream, and wait for its end."""

    stream: Stream
    action: str = ""
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with another document. An empty URL means this one again."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Reject:
    """Do not answer: ``rejected`` or ``busy``."""

    reason: str = "rejected"


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait; before answering, if nothing stands before it."""

    length_s: int = 1


@dataclass(frozen=True, slots=True)
class Say:
    """Read a text out."""

    text: str
    voice: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """Play a file, or send keys."""

    url: str
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Dial:
    """Connect the caller to someone else."""

    number: str
    caller_id: str = ""
    action: str = ""
    method: str = "POST"
    timeout_s: int = 30


Verb = Connect | Redirect | Reject | Hangup | Pause | Say | Play | Dial


@dataclass(frozen=True, slots=True)
class Document:
    """A TwiML document. ``warnings`` name attributes that Twilio does not know and would not act on (12200)."""

    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...] = ()


_ATTRIBUTES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Response": frozenset(),
        "Connect": frozenset({"action", "method"}),
        "Stream": frozenset(
            {
                *("url", "name", "track", "statusCallback", "statusCallbackMethod"),
                *("connectorName", "audioFormat", "sampleRate"),
            }
        ),
        "Parameter": frozenset({"name", "value"}),
        "Redirect": frozenset({"method"}),
        "Reject": frozenset({"reason"}),
        "Hangup": frozenset(),
        "Pause": frozenset({"length"}),
        "Say": frozenset({"voice", "language", "loop"}),
        "Play": frozenset({"digits", "loop"}),
        "Dial": frozenset(
            {
                *("action", "method", "timeout", "callerId", "hangupOnStar", "timeLimit", "record", "trim"),
                *("recordingStatusCallback", "recordingStatusCallbackMethod", "recordingStatusCallbackEvent"),
                *("answerOnBridge", "ringTone", "recordingTrack", "sequential", "referUrl", "referMethod"),
            }
        ),
        "Number": frozenset(
            {
                *("sendDigits", "url", "method", "statusCallback", "statusCallbackEvent", "statusCallbackMethod"),
                *("byoc", "machineDetection", "amdStatusCallback", "amdStatusCallbackMethod"),
            }
        ),
        "Sip": frozenset({"username", "password", "url", "method", "statusCallback", "statusCallbackEvent"}),
        "Client": frozenset({"url", "method", "statusCallback", "statusCallbackEvent"}),
    }
)
"""What Twilio knows; what this file does nothing with is ignored, as if it had its default."""


def parse(text: str) -> Document:
    """Read one document. Raises ApplicationError: 12100 if it is no TwiML, 12200 if a verb cannot be run here."""
    if len(text.encode()) > DOCUMENT_LIMIT_BYTES:
        raise ApplicationError(DOCUMENT_PARSE, f"longer than {DOCUMENT_LIMIT_BYTES} bytes")
    if "<!DOCTYPE" in text:  # nothing of TwiML needs one, and entities can blow a small document up
        raise ApplicationError(DOCUMENT_PARSE, "a document type is not allowed")
    try:
        root = ElementTree.fromstring(text.strip())
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ApplicationError(DOCUMENT_PARSE, f"not XML: {error}") from None
    if root.tag != "Response":
        raise ApplicationError(DOCUMENT_PARSE, f"the root is <{root.tag}>, not <Response>")
    warnings = tuple(
        f"<{element.tag}> has no attribute {name!r}"
        for element in root.iter()
        for name in element.attrib
        if name not in _ATTRIBUTES.get(element.tag, frozenset())
    )
    return Document(tuple(_verb(element) for element in root), warnings)


def _verb(element: ElementTree.Element) -> Verb:
    text = (element.text or "").strip()
    match element.tag:
        case "Connect":
            return Connect(_stream(_only_child(element)), element.get("action", ""), _method(element))
        case "Redirect":
            return Redirect(text, _method(element))
        case "Reject":
            reason = element.get("reason", "rejected")
            if reason not in ("rejected", "busy"):
                raise ApplicationError(SCHEMA, f"<Reject> knows rejected and busy, not {reason!r}")
            return Reject(reason)
        case "Hangup":
            return Hangup()
        case "Pause":
            return Pause(_seconds(element, "length", 1))
        case "Say":
            return Say("".join(element.itertext()).strip(), element.get("voice", ""), element.get("language", ""))
        case "Play":
            if not text and not element.get("digits"):
                raise ApplicationError(SCHEMA, "<Play> needs a URL or digits")
            return Play(text, element.get("digits", ""))
        case "Dial":
            return _dial(element, text)
        case _:
            raise ApplicationError(SCHEMA, f"<{element.tag}> is no verb that this stand-in performs")


def _stream(element: ElementTree.Element) -> Stream:
    if element.tag != "Stream":
        raise ApplicationError(SCHEMA, f"<Connect> to <{element.tag}> is nothing that this stand-in performs")
    if not element.get("url"):
        raise ApplicationError(SCHEMA, "<Stream> needs a url")
    if element.get("track", "inbound_track") != "inbound_track":
        # UNVERIFIED that Twilio refuses it; a gateway that relies on the others would get a surprise either way.
        raise ApplicationError(SCHEMA, "a bidirectional <Stream> carries the inbound track only")
    return Stream(
        url=element.get("url", "").strip(),
        name=element.get("name", ""),
        status_callback=element.get("statusCallback", "").strip(),
        status_callback_method=_method(element, "statusCallbackMethod"),
        parameters=tuple(_parameter(child) for child in element),
    )


def _parameter(element: ElementTree.Element) -> tuple[str, str]:
    if element.tag != "Parameter" or "name" not in element.attrib:
        raise ApplicationError(SCHEMA, f"<Stream> takes <Parameter name value>, not <{element.tag}>")
    name, value = element.get("name", ""), element.get("value", "")
    if len(name) + len(value) > PARAMETER_LIMIT_CHARS:
        raise ApplicationError(SCHEMA, f"<Parameter> {name!r} is longer than {PARAMETER_LIMIT_CHARS} characters")
    return name, value


def _dial(element: ElementTree.Element, text: str) -> Dial:
    number = text
    if len(element):
        noun = _only_child(element)
        if noun.tag not in ("Number", "Sip", "Client"):
            raise ApplicationError(SCHEMA, f"<Dial> to <{noun.tag}> is nothing that this stand-in performs")
        number = (noun.text or "").strip()
        number = f"client:{number}" if noun.tag == "Client" else number
    if not number:
        raise ApplicationError(SCHEMA, "<Dial> needs a number")
    return Dial(
        number=number,
        caller_id=element.get("callerId", ""),
        action=element.get("action", ""),
        method=_method(element),
        timeout_s=_seconds(element, "timeout", 30),
    )


def _only_child(element: ElementTree.Element) -> ElementTree.Element:
    if len(element) != 1:
        raise ApplicationError(SCHEMA, f"<{element.tag}> needs exactly one noun here, and has {len(element)}")
    return element[0]


def _method(element: ElementTree.Element, attribute: str = "method") -> str:
    method = element.get(attribute, "POST").upper()
    if method not in ("GET", "POST"):
        raise ApplicationError(SCHEMA, f"<{element.tag}> {attribute} is GET or POST, not {method!r}")
    return method


def _seconds(element: ElementTree.Element, attribute: str, default: int) -> int:
    value = element.get(attribute, str(default))
    if not (value.isascii() and value.isdigit()):
        raise ApplicationError(SCHEMA, f"<{element.tag}> {attribute} is a whole number of seconds, not {value!r}")
    return int(value)
