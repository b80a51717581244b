"""An engine in memory: the port ``calls.engine``. Its sessions say what the test makes them say."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from offhook.audio.formats import PCMU_8K, AudioFormat
from offhook.calls import engine
from offhook.calls.engine import Brief, EngineCapabilities, EngineEvent, EngineListener
from offhook.errors import EngineError


@dataclass(frozen=True, slots=True)
class Cancelled:
    """``cancel`` was called."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """``truncate`` was called."""

    item_id: str
    heard_ms: int


@dataclass(frozen=True, slots=True)
class Told:
    """``tell`` was called."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """``answer`` was called."""

    call_id: str
    output: str


@dataclass(frozen=True, slots=True)
class AskedToReply:
    """``respond`` was called."""

    instructions: str | None = None
    tools: bool = True


@dataclass(frozen=True, slots=True)
class Closed:
    """``close`` was called."""


Asked = Cancelled | Truncated | Told | Answered | AskedToReply | Closed


class MemorySession:
    """An ``EngineSession``. ``emit`` makes it say anything; ``asked`` is what it was asked, in order."""

    def __init__(
        self,
        brief: Brief | None = None,
        *,
        hears: AudioFormat = PCMU_8K,
        speaks: AudioFormat = PCMU_8K,
        truncates: bool = True,
        on_asked: Callable[["MemorySession", AskedToReply], None] | None = None,
        journal: list[object] | None = None,
    ) -> None:
        self.brief = brief
        self.asked: list[Asked] = []
        self.frames: list[bytes] = []
        """What it heard of the caller."""
        self.can_hear = True
        self.held_back = False
        """It was told that nothing more is taken for now."""
        self.closed = False
        self.capabilities = EngineCapabilities(truncates=truncates)
        self._hears = hears
        self._speaks = speaks
        self._on_asked = on_asked
        self._journal = journal
        self._listener: EngineListener | None = None
        self._early: list[EngineEvent] = []
        self._replies = 0

    # ---- EngineSession ---------------------------------------------------------------------------------------------

    @property
    def hears(self) -> AudioFormat:
        """What ``hear`` takes."""
        return self._hears

    @property
    def speaks(self) -> AudioFormat:
        """What ReplySound carries."""
        return self._speaks

    def listen(self, listener: EngineListener) -> None:
        """Tell this listener, beginning with what was emitted before."""
        self._listener = listener
        early, self._early = self._early, []
        self.emit(*early)

    @property
    def waiting_ms(self) -> float:
        """Nothing waits here."""
        return 0.0

    def hear(self, frame: bytes) -> None:
        """Sound of the caller."""
        self.frames.append(frame)

    def flush(self) -> None:
        """Nothing is held back here."""

    def hold_back(self, holding: bool) -> None:
        """The caller's side is full, or is not any more."""
        self.held_back = holding

    def cancel(self) -> None:
        """Stop replying."""
        self._write_down(Cancelled())

    def truncate(self, item_id: str, heard_ms: int) -> None:
        """The caller heard only so much of that item."""
        self._write_down(Truncated(item_id, heard_ms))

    def tell(self, text: str) -> None:
        """A note."""
        self._write_down(Told(text))

    def answer(self, call_id: str, output: str) -> None:
        """A tool's answer."""
        self._write_down(Answered(call_id, output))

    def respond(self, instructions: str | None = None, *, tools: bool = True) -> None:
        """A reply is wanted. With ``on_asked`` one can come by itself, at the loop's next turn, as from a server."""
        request = AskedToReply(instructions, tools)
        self._write_down(request)
        if self._on_asked is not None:
            asyncio.get_running_loop().call_soon(self._on_asked, self, request)

    def close(self) -> None:
        """End; nothing is told after it."""
        if not self.closed:
            self.closed = True
            self._write_down(Closed())

    # ---- what it says ----------------------------------------------------------------------------------------------

    def emit(self, *events: EngineEvent) -> None:
        """Say these, in order; keep them until somebody listens."""
        for event in events:
            if self.closed:
                return
            if self._listener is None:
                self._early.append(event)
            else:
                self._listener.on_engine(event)

    def reply(
        self, sound: bytes, words: str = "", *, response_id: str | None = None, item_id: str | None = None
    ) -> str:
        """Say a whole reply at once, from its beginning to ReplyDone. Return the id of its item."""
        self._replies += 1
        response = response_id or f"response_{self._replies}"
        item = item_id or f"item_{self._replies}"
        self.emit(engine.ReplyStarted(response), engine.ReplySound(response, item, sound))
        if words:
            self.emit(engine.ReplyWords(response, item, words))
        self.emit(engine.ReplySoundDone(response, item), engine.ReplyDone(response, "completed"))
        return item

    def stall(self) -> None:
        """It does not take more sound for now."""
        self.can_hear = False

    def relieve(self) -> None:
        """It takes sound again."""
        self.can_hear = True
        self.emit(engine.SessionRelieved())

    def _write_down(self, asked: Asked) -> None:
        self.asked.append(asked)
        if self._journal is not None:
            self._journal.append(asked)


class MemoryEngine:
    """An ``Engine``. All its sessions are in ``sessions``, oldest first."""

    def __init__(
        self,
        *,
        name: str = "memory",
        hears: AudioFormat = PCMU_8K,
        speaks: AudioFormat = PCMU_8K,
        truncates: bool = True,
        takes_s: float = 0.0,
        on_asked: Callable[[MemorySession, AskedToReply], None] | None = None,
        journal: list[object] | None = None,
    ) -> None:
        self.sessions: list[MemorySession] = []
        self.tries = 0
        """How often one was asked for."""
        self.takes_s = takes_s
        """What it takes to open one; inf: it never opens."""
        self._name = name
        self._hears = hears
        self._speaks = speaks
        self._truncates = truncates
        self._on_asked = on_asked
        self._journal = journal
        self._failures: deque[EngineError] = deque()

    @property
    def name(self) -> str:
        """As in OFFHOOK_ENGINE."""
        return self._name

    @property
    def session(self) -> MemorySession:
        """The newest."""
        return self.sessions[-1]

    def fail(self, *errors: EngineError) -> None:
        """The next tries to open a session end like this, in turn."""
        self._failures.extend(errors)

    async def open(self, brief: Brief) -> MemorySession:
        """Raises EngineError if told to by ``fail``."""
        self.tries += 1
        if self.takes_s == float("inf"):
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(self.takes_s)
        if self._failures:
            raise self._failures.popleft()
        session = MemorySession(
            brief,
            hears=self._hears,
            speaks=self._speaks,
            truncates=self._truncates,
            on_asked=self._on_asked,
            journal=self._journal,
        )
        self.sessions.append(session)
        return session
