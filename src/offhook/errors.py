"""Everything that Offhook raises on purpose, as one tree.

* OffhookError
    * SettingsError      a setting is missing or wrong; the sentence says which, why, and shows a right one
    * AgentError         the agent a user wrote cannot be loaded or served
    * WireError          a peer sent what its protocol does not allow: their fault, not ours
    * CallRefused        we said no: a limit, a destination, a drain
    * CallNotFound       no call with that id
    * EngineError        the speech side failed; ``retryable`` if another try may help
    * RecogniserError    speech could not be listened to, or not be turned into words
    * VoiceError         a text could not be spoken; ``field`` names the part of the request that is at fault
    * CarrierError       the telephone company's API failed; ``retryable`` if another try may help
    * AudioError         sound that cannot be read, written or converted: a broken file, half a sample, a strange rate

Each carries the facts as attributes, and makes its sentence from them.
"""


class OffhookError(Exception):
    """The root of the tree."""


class SettingsError(OffhookError):
    """A setting is missing or wrong."""

    def __init__(self, name: str, reason: str, example: str) -> None:
        self.name = name
        self.reason = reason
        self.example = example
        super().__init__(f"{name}: {reason}; for example {example}")


class AgentError(OffhookError):
    """The agent that a user wrote cannot be loaded or served."""


class WireError(OffhookError):
    """A peer sent what its protocol does not allow.

    ``excerpt`` is the beginning of the offending message, at most 80 characters, for the log.
    """

    EXCERPT_CHARS = 80

    def __init__(self, reason: str, message: bytes | str = b"") -> None:
        self.reason = reason
        text = message.decode("utf-8", "replace") if isinstance(message, bytes) else message
        self.excerpt = text[: self.EXCERPT_CHARS]
        super().__init__(f"{reason}: {self.excerpt}" if self.excerpt else reason)


class CallRefused(OffhookError):
    """A call was not admitted. ``retry_after_s`` is set when trying again later may help.

    ``kind`` is for programs: ``draining``, ``full`` or ``overloaded`` if this worker takes no calls now, else None.
    """

    def __init__(self, reason: str, retry_after_s: float | None = None, *, kind: str | None = None) -> None:
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.kind = kind
        super().__init__(reason)


class CallNotFound(OffhookError):
    """There is no call with that id here, or it ended too long ago to be remembered."""

    def __init__(self, call_id: str) -> None:
        self.call_id = call_id
        super().__init__(f"no call {call_id!r}")


class EngineError(OffhookError):
    """The speech side failed. ``retryable`` says if another try, or another session, may help."""

    def __init__(self, engine: str, reason: str, *, retryable: bool, code: str | None = None) -> None:
        self.engine = engine
        self.reason = reason
        self.retryable = retryable
        self.code = code
        super().__init__(f"{engine}: {reason}" + (f" ({code})" if code else ""))


class RecogniserError(OffhookError):
    """Speech could not be listened to, or not be turned into words.

    ``recogniser`` names the part that failed; ``code`` is for programs: ``overloaded`` (more sound waits than can be
    worked off), ``lost`` (its thread died or hung), ``failed`` (an error in it), or None for a mistake in what it was
    given. ``retryable`` says if the next utterance may well be understood.
    """

    def __init__(self, recogniser: str, reason: str, *, code: str | None = None) -> None:
        self.recogniser = recogniser
        self.reason = reason
        self.code = code
        self.retryable = code is not None
        super().__init__(f"{recogniser}: {reason}" + (f" ({code})" if code else ""))


class VoiceError(OffhookError):
    """A text could not be spoken.

    ``field`` names what is wrong in the request ("text", "voice", "speed", "rate_hz" or "response_format"); None if the
    request is well and the voice failed. ``code`` is ``overloaded`` if too much is spoken already, else None.
    ``retryable`` says if the same request may succeed later.
    """

    def __init__(
        self, reason: str, *, field: str | None = None, code: str | None = None, retryable: bool = False
    ) -> None:
        self.reason = reason
        self.field = field
        self.code = code
        self.retryable = retryable
        super().__init__(f"{field}: {reason}" if field else reason)


class CarrierError(OffhookError):
    """The carrier's API failed. ``status`` is the HTTP status, ``code`` the carrier's own number, if any."""

    def __init__(
        self, carrier: str, reason: str, *, retryable: bool, status: int | None = None, code: int | None = None
    ) -> None:
        self.carrier = carrier
        self.reason = reason
        self.retryable = retryable
        self.status = status
        self.code = code
        facts = ", ".join(f"{k} {v}" for k, v in (("HTTP", status), ("code", code)) if v is not None)
        super().__init__(f"{carrier}: {reason}" + (f" ({facts})" if facts else ""))


class AudioError(OffhookError):
    """Sound cannot be read, written or converted. ``source`` is the file it came from, if it came from one."""

    def __init__(self, reason: str, source: str | None = None) -> None:
        self.reason = reason
        self.source = source
        super().__init__(f"{source}: {reason}" if source else reason)
