"""A part that breaks costs the sessions that use it at that moment, and no others."""

import threading
from collections.abc import AsyncGenerator, Sequence

import pytest
from tests.speech.caller import ARGUMENTS, LINE, ORDER_CAKE, SERVER_VAD, Caller, bakery, calls_of, spoken, with_other

from offhook.dialogue.domain import Domain
from offhook.dialogue.port import ANY_REPLY, Act, Dialogue, Entry, Request, Role, Words
from offhook.ears.silero import Memory, Silero
from offhook.ears.vad import Vad
from offhook.recognisers.sphinx.decoder import Decoder
from offhook.recognisers.sphinx.recogniser import SphinxRecogniser
from offhook.speech import turns
from offhook.speech.faculties import Faculties
from offhook.speech.lessons import Lessons
from offhook.voices import espeak
from offhook.voices.output_stage import OutputStage
from offhook.wires.messages import CloseCode
from offhook.wires.openai_realtime import server_events as server

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHORT = "When are you open?"


class Fault:
    """Happens once, when it is ``due``, in whatever thread comes by."""

    def __init__(self, kind: type[BaseException] | None) -> None:
        self.due = False
        self.over = threading.Event()
        self._kind = kind

    def strike(self) -> None:
        if self.due:
            self.due = False
            if self._kind is not None:
                raise self._kind("broken")
            self.over.wait(20)  # it hangs


async def ends(caller: Caller) -> None:
    """The session says what happened, and closes."""
    code, reason = await caller.is_cut_off()
    assert code == CloseCode.INTERNAL_ERROR
    assert caller.errors[-1].type == "server_error"
    assert caller.errors[-1].message.startswith(reason[:50])


async def is_understood(caller: Caller) -> None:
    await caller.tell(LINE)
    assert calls_of(await caller.hears_reply()) == [("order_cake", ARGUMENTS)]
    assert not caller.errors
    assert caller.closed is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("kind", [ValueError, SystemExit, None], ids=["fails", "dies", "hangs"])
async def test_a_recogniser_that_breaks_ends_one_session(
    faculties: Faculties, kind: type[BaseException] | None
) -> None:
    fault = Fault(kind)

    class Fragile(Decoder):
        def hear(self, pcm16_8k: bytes) -> None:
            fault.strike()
            super().hear(pcm16_8k)

    recogniser = SphinxRecogniser(decoders=4, hang_s=0.2, make_decoder=Fragile)
    async with with_other(faculties, recogniser=recogniser) as others:
        unlucky, bystander = await Caller(others).dial(bakery()), await Caller(others).dial(bakery())
        fault.due = True
        await unlucky.tell(LINE)
        await ends(unlucky)
        assert unlucky.only(server.ResponseCreated)

        await is_understood(bystander)
        await is_understood(await Caller(others).dial(bakery()))
        fault.over.set()


async def test_without_decoders_no_session_waits_for_ever(
    faculties: Faculties, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "WORDS_WITHIN_S", 0.2)
    fault = Fault(None)

    def make_decoder() -> Decoder:
        fault.strike()
        return Decoder()

    recogniser = SphinxRecogniser(decoders=1, make_decoder=make_decoder)
    async with with_other(faculties, recogniser=recogniser) as others:
        others.lessons = Lessons(recogniser, within_s=0.3)
        waiting = await Caller(others).dial(bakery())
        fault.due = True
        recogniser._cabinet.lose(recogniser._cabinet._idle.pop())  # another is to be made, and that hangs

        await waiting.tell(LINE)
        await ends(waiting)
        # What to listen for may or may not be learnt still; nobody is there to listen.
        late = await Caller(others).dial()
        late.ask("session.update", session=bakery(tools=[ORDER_CAKE]))
        await late.tell(LINE)
        await ends(late)
        fault.over.set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("kind", [ValueError, SystemExit, None], ids=["fails", "dies", "hangs"])
async def test_ears_that_break_end_the_sessions_of_those_who_spoke(
    faculties: Faculties, kind: type[BaseException] | None
) -> None:
    fault = Fault(kind)

    class Fragile(Silero):
        def probabilities(self, windows: list[bytes], memories: list[Memory]) -> list[float]:
            fault.strike()
            return super().probabilities(windows, memories)

    async with with_other(faculties, vad=Vad(make_network=Fragile, hang_s=0.2)) as others:
        unlucky, bystander = (
            await Caller(others).dial(bakery(SERVER_VAD)),
            await Caller(others).dial(bakery(SERVER_VAD)),
        )
        fault.due = True
        await unlucky.speak(SHORT)
        await ends(unlucky)

        await bystander.speak(SHORT)
        assert calls_of(await bystander.hears_reply()) == [("opening_hours", {})]
        await is_understood(await Caller(others).dial(bakery()))
        fault.over.set()


async def test_a_turn_that_the_ears_lose_is_told_to_have_ended(faculties: Faculties) -> None:
    fault = Fault(ValueError)

    class Fragile(Silero):
        def probabilities(self, windows: list[bytes], memories: list[Memory]) -> list[float]:
            fault.strike()
            return super().probabilities(windows, memories)

    async with with_other(faculties, vad=Vad(make_network=Fragile)) as others:
        caller = await Caller(others).dial(bakery(SERVER_VAD))
        sound = await spoken(faculties, SHORT)
        caller.append(sound)
        await caller.hears(server.SpeechStarted)
        fault.due = True
        caller.append(sound)
        await ends(caller)

    [started], [stopped] = caller.only(server.SpeechStarted), caller.only(server.SpeechStopped)
    assert started.item_id == stopped.item_id
    assert stopped.audio_end_ms > started.audio_start_ms


@pytest.mark.parametrize("kind", [ValueError, SystemExit], ids=["fails", "dies"])
async def test_a_voice_that_breaks_ends_one_session(
    faculties: Faculties, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    fault = Fault(kind)

    class Fragile(OutputStage):
        def take(self, sound: bytes) -> bytes:
            fault.strike()
            return super().take(sound)

    monkeypatch.setattr(espeak, "OutputStage", Fragile)
    unlucky, bystander = await Caller(faculties).dial(bakery()), await Caller(faculties).dial(bakery())
    await spoken(faculties, LINE)
    fault.due = True
    unlucky.ask("response.create")
    response = await unlucky.hears_reply()
    await ends(unlucky)

    assert response.status == "failed"
    await is_understood(bystander)
    newcomer = await Caller(faculties).dial(bakery())
    newcomer.ask("response.create")
    assert (await newcomer.hears_reply()).status == "completed"


class Confused:
    """A dialogue with a fault in it."""

    async def reply(self, history: Sequence[Entry], request: Request = ANY_REPLY) -> AsyncGenerator[Act, None]:
        yield Words("Well. ")
        raise ZeroDivisionError("secret of the server")

    def awaits(self) -> None:
        """It has no state."""


async def test_a_dialogue_that_raises_ends_one_session_and_tells_no_secrets(faculties: Faculties) -> None:
    class Rash(Faculties):
        def dialogue(self, role: Role, domain: Domain | None = None) -> Dialogue:
            return Confused()

    bystander = await Caller(faculties).dial(bakery())
    unlucky = await Caller(Rash(faculties.vad, faculties.recogniser, faculties.voice)).dial()
    unlucky.ask("response.create")
    response = await unlucky.hears_reply()
    await ends(unlucky)

    assert response.status == "failed"
    assert "secret" not in str(unlucky.said)
    await is_understood(bystander)


async def test_a_fault_of_ours_in_one_message_stays_with_its_session(
    faculties: Faculties, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlucky, bystander = await Caller(faculties).dial(bakery()), await Caller(faculties).dial(bakery())
    monkeypatch.setattr(unlucky.session._hearing, "append", int)  # raises for what is no number

    unlucky.append(bytes(160))

    await ends(unlucky)
    await is_understood(bystander)
