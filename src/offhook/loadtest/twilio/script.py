"""Runs TwiML, document after document, verb after verb, until the call is over.

What a verb does to the call is the stage's part; which one comes next is decided here.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urljoin

from offhook.loadtest.twilio.behaviour import Behaviour
from offhook.loadtest.twilio.debugger import CONTENT_TYPE, OWN_LIMIT, SCHEMA, ApplicationError, Debugger
from offhook.loadtest.twilio.endings import NEVER_OPENED, AfterStream, StreamEnd
from offhook.loadtest.twilio.states import Status
from offhook.loadtest.twilio.twiml import (
    Connect,
    Dial,
    Document,
    Hangup,
    Pause,
    Play,
    Redirect,
    Reject,
    Say,
    Stream,
    Verb,
    parse,
)

CONTENT_TYPES: Final = frozenset({"text/xml", "application/xml", "text/html"})
"""That Twilio reads as TwiML. It reads text/plain out and plays audio; neither is meant by a gateway."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """A document to be asked for. ``extra`` goes with the standard fields."""

    url: str
    method: str = "POST"
    extra: Mapping[str, str] = field(default_factory=dict)
    is_fallback: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """A document that came with a REST request."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Over:
    """The call has nothing more to do."""

    status: Status


Source = Fetch | Given


@dataclass(frozen=True, slots=True)
class LoggedDocument:
    """One document as it was asked for. ``status`` is the HTTP status, None if none of use came or none was asked."""

    url: str
    method: str
    form: Mapping[str, str]
    status: int | None
    text: str


class Stage(Protocol):
    """The call, as the script sees it."""

    debugger: Debugger
    document_log: list[LoggedDocument]
    fallback: Fetch | None

    @property
    def answered(self) -> bool:
        """True once somebody has picked up."""

    def answer(self) -> None:
        """Pick up; nothing if that was done."""

    def note(self, verb: Verb) -> None:
        """This verb is being run."""

    async def fetch(self, source: Fetch) -> tuple[str, str]:
        """Ask for a document: its content type and text. Raises ApplicationError."""

    async def connect(self, stream: Stream, base_url: str) -> StreamEnd:
        """Open a stream, and return how it ended."""

    async def say(self, verb: Say) -> None:
        """Read a text out."""

    async def play(self, verb: Play, base_url: str) -> None:
        """Play a file."""

    async def dial(self, verb: Dial) -> Mapping[str, str]:
        """Connect to someone, and return the fields for the action when that is over."""


class Script:
    """One run of TwiML, from its first document on."""

    def __init__(self, stage: Stage, behaviour: Behaviour) -> None:
        self._stage = stage
        self._behaviour = behaviour

    async def run(self, source: Source) -> Over:
        """Run until TwiML runs out."""
        while True:
            try:
                document = await self._load(source)
                following = await self._perform(document, source.url)
            except ApplicationError as error:
                following = self._rescue(error, source)
            if isinstance(following, Over):
                return following
            source = following

    async def _load(self, source: Source) -> Document:
        log, limit = self._stage.document_log, self._behaviour.documents_per_call
        if len(log) >= limit:
            raise ApplicationError(OWN_LIMIT, f"more than {limit} documents in one call", source.url)
        if isinstance(source, Given):
            text = source.text
            log.append(LoggedDocument("", "", {}, None, text))
        else:
            content_type, text = await self._stage.fetch(source)
            if content_type not in CONTENT_TYPES:
                raise ApplicationError(CONTENT_TYPE, f"{content_type or 'no type'} is not TwiML", source.url)
        try:
            document = parse(text)
        except ApplicationError as error:
            raise ApplicationError(error.code, error.reason, source.url) from None
        for warning in document.warnings:
            self._stage.debugger.warning(SCHEMA, warning)
        return document

    async def _perform(self, document: Document, url: str) -> Source | Over:
        for verb in document.verbs:
            if not isinstance(verb, Reject | Pause):  # all others answer the call, even Redirect and Hangup
                self._stage.answer()
            self._stage.note(verb)
            following = await self._run_verb(verb, url)
            if following is not None:
                return following
        self._stage.answer()
        return Over(Status.COMPLETED)

    async def _run_verb(self, verb: Verb, url: str) -> Source | Over | None:
        """Do it; where the call goes next, None for the next verb."""
        stage = self._stage
        match verb:
            case Connect():
                return await self._connect(verb, url)
            case Redirect():
                return Fetch(urljoin(url, verb.url), verb.method)
            case Reject():
                if stage.answered:  # too late; UNVERIFIED what Twilio does then
                    return Over(Status.COMPLETED)
                return Over(Status.BUSY if verb.reason == "busy" else Status.NO_ANSWER)
            case Hangup():
                return Over(Status.COMPLETED)
            case Pause():
                await asyncio.sleep(verb.length_s)
            case Say():
                await stage.say(verb)
            case Play():
                await stage.play(verb, url)
            case Dial():
                form = await stage.dial(verb)
                if verb.action:
                    return Fetch(urljoin(url, verb.action), verb.method, form)
        return None

    async def _connect(self, verb: Connect, url: str) -> Source | None:
        end = await self._stage.connect(verb.stream, url)
        if end in NEVER_OPENED:
            after = self._behaviour.after_refusal
        elif end is StreamEnd.SERVER_CLOSED:
            after = AfterStream.ACTION
        else:
            after = self._behaviour.after_loss
        if after is AfterStream.NOTHING:
            await asyncio.Event().wait()  # until the REST API or the caller ends this script
        if after is AfterStream.ACTION and verb.action:
            return Fetch(urljoin(url, verb.action), verb.method)
        return None

    def _rescue(self, error: ApplicationError, failed: Source) -> Source | Over:
        self._stage.debugger.error(error.code, str(error))
        fallback = self._stage.fallback
        tried = isinstance(failed, Fetch) and failed.is_fallback
        if fallback is None or tried or error.code == OWN_LIMIT:
            # Twilio picks up, says that an application error has occurred, and hangs up.
            self._stage.answer()
            return Over(Status.COMPLETED)
        extra = {"ErrorCode": str(error.code), "ErrorUrl": error.url or failed.url}
        return Fetch(fallback.url, fallback.method, extra, is_fallback=True)
