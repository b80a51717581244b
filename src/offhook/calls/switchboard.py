"""All calls of this worker: takes them in, finds them, says no when there is no room, and lets them end.

Calls that ended are remembered for a while, because carriers ask about them once more (what comes after the stream?)
and people look them up.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from offhook.agents.agent import Agent
from offhook.calls.call import Call
from offhook.calls.carrier import Carrier, Dial
from offhook.calls.departure import EndReason, Goodbye
from offhook.calls.engine import Engine
from offhook.calls.events import CallEvent
from offhook.calls.facts import CallFacts, CallLimits
from offhook.calls.pacing import Pacing
from offhook.calls.states import State
from offhook.errors import CallNotFound, CallRefused, CarrierError
from offhook.telemetry.logs import get_logger

log = get_logger("offhook.calls")


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many calls this worker takes, and how many ended ones it remembers."""

    calls: int = 200
    ended_kept: int = 1000


class Switchboard:
    """The calls of one worker."""

    def __init__(
        self,
        carrier: Carrier,
        engines: Mapping[str, Engine],
        *,
        default_engine: str,
        capacity: Capacity,
        limits: CallLimits,
        pacing: Pacing,
        publish: Callable[[str, CallEvent], None],
        may_dial: Callable[[str], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._carrier = carrier
        self._engines = engines
        self._default_engine = default_engine
        self._capacity = capacity
        self._limits = limits
        self._pacing = pacing
        self._publish = publish
        self._may_dial = may_dial
        self._clock = clock
        self._calls: dict[str, Call] = {}
        self._ended: OrderedDict[str, Call] = OrderedDict()
        self._by_carrier_id: dict[str, str] = {}
        self._dialling: set[asyncio.Task[None]] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self.closed = False
        """No new calls: this worker is on its way out."""

    # ---- finding ---------------------------------------------------------------------------------------------------

    @property
    def active(self) -> int:
        """Calls that are not over."""
        return len(self._calls)

    @property
    def max_calls(self) -> int:
        """Calls that may be active at once."""
        return self._capacity.calls

    def calls(self) -> Iterable[Call]:
        """The calls that are not over, oldest first, then those that ended, latest first."""
        return [*self._calls.values(), *reversed(self._ended.values())]

    def find(self, call_id: str) -> Call:
        """Raises CallNotFound."""
        call = self._calls.get(call_id) or self._ended.get(call_id)
        if call is None:
            raise CallNotFound(call_id)
        return call

    def find_by_carrier(self, carrier_call_id: str) -> Call | None:
        """The call that the carrier knows by this id."""
        call_id = self._by_carrier_id.get(carrier_call_id)
        return None if call_id is None else self._calls.get(call_id) or self._ended.get(call_id)

    # ---- new calls -------------------------------------------------------------------------------------------------

    def ring(
        self,
        carrier_call_id: str,
        caller: str,
        dialled: str,
        agent: Agent,
        *,
        metadata: Mapping[str, str] | None = None,
    ) -> Call:
        """An inbound call. One that is known already is the same call: webhooks are repeated. Raises CallRefused."""
        known = self.find_by_carrier(carrier_call_id)
        if known is not None:
            return known
        call = self._admit("inbound", caller, dialled, agent, engine=None, metadata=metadata or {})
        self._known_to_carrier(call, carrier_call_id)
        call.prepare()
        return call

    def place(
        self,
        to: str,
        caller_id: str,
        agent: Agent,
        *,
        engine: str | None = None,
        metadata: Mapping[str, str] | None = None,
        ring_s: int = 30,
    ) -> Call:
        """An outbound call; it is dialled when its turn comes. Raises CallRefused."""
        if self._carrier.dial_obstacle is not None:
            raise CallRefused(self._carrier.dial_obstacle)
        if not self._may_dial(to):
            raise CallRefused(f"calls to {to} are not allowed; see OFFHOOK_DIAL_ALLOW")
        self._check_room()
        self._answering(engine or agent.engine)
        wait_s = self._pacing.reserve(self._clock())
        call = self._admit("outbound", caller_id, to, agent, engine=engine, metadata=metadata or {})
        call.rings_for(wait_s + ring_s + 30)
        task = asyncio.get_running_loop().create_task(
            self._dial(call, Dial(call.call_id, to, caller_id, ring_s), wait_s)
        )
        self._dialling.add(task)
        task.add_done_callback(self._dialling.discard)
        return call

    async def _dial(self, call: Call, dial: Dial, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        if call.state is not State.RINGING:
            return
        try:
            carrier_call_id = await self._carrier.dial(dial)
            self._known_to_carrier(call, carrier_call_id)
            if not call.life.going:  # somebody ended it while the carrier was being asked
                await self._carrier.hang_up(carrier_call_id)
        except CarrierError as error:
            call.dial_failed(error)

    def answered(self, call: Call, carrier_call_id: str) -> None:
        """An outbound call was answered: the carrier asks what to do with it."""
        if call.line.carrier_call_id is None:  # the carrier asks before it has answered our order
            self._known_to_carrier(call, carrier_call_id)
        if call.state is State.RINGING:
            call.prepare()

    def _admit(
        self,
        direction: str,
        caller: str,
        dialled: str,
        agent: Agent,
        *,
        engine: str | None,
        metadata: Mapping[str, str],
    ) -> Call:
        self._check_room()
        answering = self._answering(engine or agent.engine)
        call = Call(
            CallFacts(f"call_{secrets.token_hex(10)}", direction, caller, dialled, metadata),
            agent,
            answering,
            self._carrier,
            self._limits,
            publish=self._publish,
            over=self._over,
            may_transfer=self._may_dial,
            clock=self._clock,
        )
        self._calls[call.call_id] = call
        self._empty.clear()
        return call

    def _answering(self, name: str | None) -> Engine:
        name = name or self._default_engine
        if name not in self._engines:
            raise CallRefused(f"there is no engine {name!r} here; there are: {', '.join(self._engines)}")
        return self._engines[name]

    def _check_room(self) -> None:
        if self.closed:
            raise CallRefused("this worker is shutting down", retry_after_s=5)
        if len(self._calls) >= self._capacity.calls:
            raise CallRefused(f"all {self._capacity.calls} lines are busy", retry_after_s=5)

    def _known_to_carrier(self, call: Call, carrier_call_id: str) -> None:
        call.line.carrier_call_id = carrier_call_id
        self._by_carrier_id[carrier_call_id] = call.call_id

    # ---- calls that go on ------------------------------------------------------------------------------------------

    def resume(self, call: Call) -> None:
        """The carrier asks what comes after a stream of a call that is not over. More often than allowed: it ends."""
        if not call.line.may_resume(self._clock()):
            log.error("resumed too often; the call is ended rather than billed in a loop", call_id=call.call_id)
            call.end(EndReason.LINE_LOST, Goodbye(call.agent.apology))

    # ---- the end ---------------------------------------------------------------------------------------------------

    def _over(self, call: Call) -> None:
        self._calls.pop(call.call_id, None)
        self._ended[call.call_id] = call
        while len(self._ended) > self._capacity.ended_kept:
            _, oldest = self._ended.popitem(last=False)
            if oldest.line.carrier_call_id is not None:
                self._by_carrier_id.pop(oldest.line.carrier_call_id, None)
        if not self._calls:
            self._empty.set()

    async def drain(self, within_s: float, let_go_within_s: float = 5.0) -> None:
        """Take no new calls, let those that run end by themselves for so long, then end the rest in order."""
        self.closed = True
        try:
            async with asyncio.timeout(within_s):
                await self._empty.wait()
        except TimeoutError:
            for call in list(self._calls.values()):
                call.end(EndReason.SHUT_DOWN, Goodbye(call.agent.apology))
        with suppress(TimeoutError):
            async with asyncio.timeout(let_go_within_s):
                await self._empty.wait()
                # An order to dial that is under way must not outlive what carries it.
                await asyncio.gather(*self._dialling, return_exceptions=True)
