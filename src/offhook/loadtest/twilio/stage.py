"""What the verbs do to one call."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from offhook.audio.formats import PCMU_8K
from offhook.audio.wav import parse_wav
from offhook.errors import AudioError
from offhook.loadtest.twilio.debugger import CONTENT_TYPE, ApplicationError, Debugger
from offhook.loadtest.twilio.endings import StreamEnd
from offhook.loadtest.twilio.exchange import Exchange
from offhook.loadtest.twilio.facts import CallFacts, new_sid
from offhook.loadtest.twilio.handset import Handset
from offhook.loadtest.twilio.life import Life
from offhook.loadtest.twilio.script import Fetch, LoggedDocument
from offhook.loadtest.twilio.states import Outcome, Status
from offhook.loadtest.twilio.streams import Streams
from offhook.loadtest.twilio.twiml import Dial, Play, Say, Stream, Verb


@dataclass(frozen=True, slots=True)
class Executed:
    """A verb, and when it was begun: seconds since the call was created."""

    at_s: float
    verb: Verb


class CallStage:
    """A script's hands: fetches, streams, speaks, and writes down what it did. ``on_answer`` when it has picked up."""

    def __init__(
        self,
        exchange: Exchange,
        facts: CallFacts,
        life: Life,
        handset: Handset,
        streams: Streams,
        debugger: Debugger,
        fallback: Fetch | None,
        on_answer: Callable[[], None],
    ) -> None:
        self.debugger = debugger
        self.fallback = fallback
        self.log: list[Executed] = []
        self.document_log: list[LoggedDocument] = []
        self.transferred_to: Dial | None = None
        self.far_party_gone = asyncio.Event()
        self.answered_by = ""
        """What machine detection has found, for the webhooks; empty if nobody asked."""
        self._exchange = exchange
        self._facts = facts
        self._life = life
        self._handset = handset
        self._streams = streams
        self._on_answer = on_answer
        self._loop = asyncio.get_running_loop()
        self._created_at = self._loop.time()

    @property
    def answered(self) -> bool:
        """True once somebody has picked up, also after the end."""
        return self._life.answered_at is not None

    def answer(self) -> None:
        """Pick up; nothing if that was done."""
        if not self.answered:
            self._life.move(Status.IN_PROGRESS)
            self._handset.answered_at = self._life.answered_at or 0.0
            self._on_answer()

    def note(self, verb: Verb) -> None:
        """Write down that this verb is being run."""
        self.log.append(Executed(self._loop.time() - self._created_at, verb))

    async def fetch(self, source: Fetch) -> tuple[str, str]:
        """Ask for a document: its content type and text. Raises ApplicationError."""
        form = self._facts.form(self._life.status) | dict(source.extra)
        if self.answered_by:
            form["AnsweredBy"] = self.answered_by
        try:
            answer = await self._exchange.webhooks.request(source.method, source.url, form)
        except ApplicationError:
            self.document_log.append(LoggedDocument(source.url, source.method, form, None, ""))
            raise
        self.document_log.append(LoggedDocument(source.url, source.method, form, answer.status, answer.text))
        return answer.content_type, answer.text

    async def connect(self, stream: Stream, base_url: str) -> StreamEnd:
        """Run a stream to its end, and return how that was."""
        return await self._streams.run(stream, base_url)

    async def say(self, verb: Say) -> None:
        """Read a text out: it is in the log, takes its time, and is silence in the recording."""
        await asyncio.sleep(len(verb.text) / self._exchange.behaviour.say_chars_per_s)

    async def play(self, verb: Play, base_url: str) -> None:
        """Play a WAV file at its own pace; keys and other files are in the log only."""
        if not verb.url:
            return
        url = urljoin(base_url, verb.url)
        try:
            answer = await self._exchange.webhooks.request("GET", url, {})
            _, sound = parse_wav(answer.body, PCMU_8K)
        except (ApplicationError, AudioError) as error:
            # Twilio logs it and goes on with the next verb. UNVERIFIED for every kind of failure.
            self.debugger.error(getattr(error, "code", CONTENT_TYPE), str(error))
            return
        began_at = self._loop.time()
        place = self._handset.place(began_at)
        self._handset.heard.put(place, sound)
        try:
            await asyncio.sleep(PCMU_8K.duration_ms(len(sound)) / 1000)
        except asyncio.CancelledError:
            self._handset.heard.cut(self._handset.place(self._loop.time()))
            raise

    async def dial(self, verb: Dial) -> Mapping[str, str]:
        """Connect the caller to someone until that one hangs up; the fields for the action."""
        outcome = self._exchange.behaviour.dial_outcome
        form = {"DialCallSid": new_sid("CA"), "DialCallStatus": str(outcome)}
        if outcome is not Outcome.ANSWERED:  # at once: nobody learns anything from waiting for the timeout
            return form
        self.transferred_to = verb
        began_at = self._loop.time()
        self.far_party_gone.clear()
        await self.far_party_gone.wait()
        return form | {"DialCallDuration": str(round(self._loop.time() - began_at))}
