"""How Twilio, and the phones behind it, act where they may act one way or another."""

from dataclasses import dataclass
from math import inf

from offhook.loadtest.twilio.endings import AfterStream
from offhook.loadtest.twilio.states import Outcome


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The knobs of a stand-in. The defaults are Twilio's, where it is known, or the quickest."""

    calls_per_second: float = 1.0
    """Calls that the REST API starts; more wait in a queue, as for an account that has not asked for more."""
    outbound_answer: Outcome = Outcome.ANSWERED
    """What becomes of an outbound call; a line's own ``outcome`` goes before it."""
    ring_s: float = 0.0
    """How long an outbound call rings before that; NO_ANSWER rings for the whole Timeout."""
    answered_by: str = "human"
    """What machine detection finds, if it was asked for."""
    dial_outcome: Outcome = Outcome.ANSWERED
    """What becomes of ``<Dial>``; an answered one lasts until somebody hangs up."""
    after_loss: AfterStream = AfterStream.ACTION
    """After a broken connection. UNVERIFIED on a real account."""
    after_refusal: AfterStream = AfterStream.NEXT_VERB
    """After a handshake that failed. UNVERIFIED, so the reading that offers a gateway less."""
    stream_error_callbacks: bool = True
    """False: a loss is silent, no stream-error is told."""
    say_chars_per_s: float = inf
    """How fast ``<Say>`` reads; about 15 for a real voice. Endless speed takes no time."""
    webhook_timeout_s: float = 15.0
    handshake_timeout_s: float = 5.0
    """UNVERIFIED."""
    documents_per_call: int = 50
    """Ours: a call that asks for more is ended, so that a redirect to itself is not followed for ever."""
    record_s: float = 3600.0
    """Of both sides of each call; 0 keeps nothing, for load."""
