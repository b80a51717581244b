"""All calls of this worker: takes them in, finds them, says no when there is no room, and lets them end.

Calls that ended are remembered for a while, because carriers ask about them once more (what comes after the stream?)
and people look them up. Only a small record is kept of them, and no more than ``Capacity`` says.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from offhook.agents.agent import Agent
from offhook.calls.admission import Admission, Obstacle, Quota
from offhook.calls.call import Call
from offhook.calls.carrier import Carrier, Dial
from offhook.calls.clipping import clipped
from offhook.calls.departure import EndReason, Goodbye
from offhook.calls.engine import Engine
from offhook.calls.events import CallEvent, CarrierSaid
from offhook.calls.facts import CallFacts, CallLimits
from offhook.calls.pacing import Pacing
from offhook.calls.record import EndedCall
from offhook.calls.states import State
from offhook.calls.view import ended
from offhook.errors import CallNotFound, CallRefused, CarrierError
from offhook.telemetry.logs import get_logger
from offhook.telemetry.measures import Measures

log = get_logger("offhook.calls")


ENDED_LIMIT_BYTES: Final = 64 * 1024 * 1024
"""All records of ended calls together; one of five turns takes 3 kB, of sixty 20 kB; the call itself took 22 to 37."""

NOT_ALLOWED: Final = "not_allowed"
"""The kind of a refusal that trying again does not cure."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many calls this worker takes, and how many ended ones it remembers: so many, and so many bytes of them."""

    calls: int = 200
    ended_kept: int = 1000
    ended_bytes: int = ENDED_LIMIT_BYTES


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
        overloaded: Callable[[], bool] = lambda: False,
        measures: Measures | None = None,
        refused: Callable[[str], None] = lambda kind: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``refused`` is told the kind of each refusal: an Obstacle, or NOT_ALLOWED."""
        self._carrier = carrier
        self._engines = engines
        self._default_engine = default_engine
        self._capacity = capacity
        self._admission = Admission(capacity.calls, overloaded=overloaded)
        self._limits = limits
        self._pacing = pacing
        self._publish = publish
        self._may_dial = may_dial
        self._measures = measures if measures is not None else Measures()
        self._refused = refused
        self._clock = clock
        self._calls: dict[str, Call] = {}
        self._ended: OrderedDict[str, EndedCall] = OrderedDict()
        self._ended_bytes = 0
        self._ending: WeakValueDictionary[str, Call] = WeakValueDictionary()
        """Calls that are over, as long as something of them goes on: a tool, mostly."""
        self._by_carrier_id: dict[str, str] = {}
        self._dialling: set[asyncio.Task[None]] = set()
        self._empty = asyncio.Event()
        self._empty.set()

    # ---- finding ---------------------------------------------------------------------------------------------------

    @property
    def active(self) -> int:
        """Calls that are not over."""
        return len(self._calls)

    @property
    def max_calls(self) -> int:
        """Calls that may be active at once."""
        return self._admission.max_calls

    @property
    def closed(self) -> bool:
        """No new calls: this worker is on its way out."""
        return self._admission.closed

    @property
    def obstacle(self) -> Obstacle | None:
        """What keeps every new call out; None: they may come."""
        return self._admission.obstacle(len(self._calls))

    def living(self) -> list[Call]:
        """The calls that are not over, oldest first."""
        return list(self._calls.values())

    def calls(self) -> Iterable[Call | EndedCall]:
        """The calls that are not over, oldest first, then those that ended, latest first."""
        return [*self._calls.values(), *reversed(self._ended.values())]

    def find(self, call_id: str) -> Call | EndedCall:
        """Raises CallNotFound."""
        call = self._calls.get(call_id) or self._ended.get(call_id)
        if call is None:
            raise CallNotFound(call_id)
        return call

    def find_by_carrier(self, carrier_call_id: str) -> Call | EndedCall | None:
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
    ) -> Call | EndedCall:
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
            raise self._refusing(CallRefused(self._carrier.dial_obstacle))
        if not self._may_dial(to):
            raise self._refusing(CallRefused(f"calls to {to} are not allowed; see OFFHOOK_DIAL_ALLOW"))
        self._check_room(agent)
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
        self._check_room(agent)
        answering = self._answering(engine or agent.engine)
        call = Call(
            CallFacts(f"call_{secrets.token_hex(10)}", direction, caller, dialled, metadata),
            agent,
            answering,
            self._carrier,
            self._limits,
            publish=self._told,
            over=self._over,
            may_transfer=self._may_dial,
            clock=self._clock,
            measures=self._measures,
        )
        self._calls[call.call_id] = call
        self._empty.clear()
        return call

    def _answering(self, name: str | None) -> Engine:
        name = name or self._default_engine
        if name not in self._engines:
            known = ", ".join(self._engines)
            raise self._refusing(CallRefused(f"there is no engine {name!r} here; there are: {known}"))
        return self._engines[name]

    def _check_room(self, agent: Agent) -> None:
        quota = None
        if agent.max_calls is not None:
            taken = sum(call.agent.name == agent.name for call in self._calls.values())
            quota = Quota(agent.name, agent.max_calls, taken)
        refusal = self._admission.refusal(len(self._calls), quota)
        if refusal is not None:
            raise self._refusing(refusal)

    def _refusing(self, refusal: CallRefused) -> CallRefused:
        self._refused(refusal.kind or NOT_ALLOWED)
        return refusal

    def _known_to_carrier(self, call: Call, carrier_call_id: str) -> None:
        call.line.carrier_call_id = carrier_call_id
        if call.call_id in self._ended:
            self._remember(call)  # it was ended while the carrier was being asked to place it
        if call.call_id in self._calls or call.call_id in self._ended:
            self._by_carrier_id[carrier_call_id] = call.call_id

    # ---- calls that go on ------------------------------------------------------------------------------------------

    def resume(self, call: Call) -> None:
        """The carrier asks what comes after a stream of a call that is not over. More often than allowed: it ends."""
        if not call.line.may_resume(self._clock()):
            log.error("resumed too often; the call is ended rather than billed in a loop", call_id=call.call_id)
            call.end(EndReason.LINE_LOST, Goodbye(call.agent.apology))

    def carrier_said(self, call: Call | EndedCall, status: str, sequence: int) -> None:
        """A status callback of the carrier, about a call that may be over."""
        living = call if isinstance(call, Call) else self._ending.get(call.call_id)
        if living is not None:
            living.carrier_said(status, sequence)
        elif isinstance(call, EndedCall) and (told := call.told(status, sequence)) is not call:
            self._ended[call.call_id] = told
            self._publish(call.call_id, CarrierSaid(status, sequence))

    # ---- the end ---------------------------------------------------------------------------------------------------

    def _told(self, call_id: str, event: CallEvent) -> None:
        if call_id not in self._calls and call_id in self._ended and (call := self._ending.get(call_id)) is not None:
            self._remember(call)  # what still went on when it ended belongs into its record, too
        self._publish(call_id, clipped(event))

    def _over(self, call: Call) -> None:
        self._calls.pop(call.call_id, None)
        self._ending[call.call_id] = call
        self._remember(call)
        if not self._calls:
            self._empty.set()

    def _remember(self, call: Call) -> None:
        before = self._ended.get(call.call_id)
        record = self._ended[call.call_id] = ended(call)
        self._ended_bytes += len(record.packed) - (len(before.packed) if before is not None else 0)
        while len(self._ended) > self._capacity.ended_kept or self._ended_bytes > self._capacity.ended_bytes:
            _, oldest = self._ended.popitem(last=False)
            self._ended_bytes -= len(oldest.packed)
            if oldest.carrier_call_id is not None:
                self._by_carrier_id.pop(oldest.carrier_call_id, None)

    def close(self) -> None:
        """Take no new calls from now on."""
        self._admission.closed = True

    async def drain(self, within_s: float, let_go_within_s: float = 5.0) -> None:
        """Take no new calls, let those that run end by themselves for so long, then end the rest in order."""
        self.close()
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
