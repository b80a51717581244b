"""What the far end says."""

from dataclasses import dataclass, field, replace

from offhook.audio.formats import PCMU_8K
from offhook.loadtest.far_end.tones import chime, chime_hz


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function call that the model makes."""

    name: str
    arguments_json: str = "{}"


@dataclass(frozen=True, slots=True)
class Reply:
    """One response: speech, function calls, or speech and then function calls."""

    text: str = ""
    """What is said; goes out as the transcript, in pieces beside the sound."""
    audio: bytes = b""
    """The sound: PCMU, 8 kHz. If empty and there is a text, a chime of ``duration_ms`` at ``tone_hz``."""
    tool_calls: tuple[ToolCall, ...] = ()
    after_tools: "Reply | None" = None
    """The response to the results of ``tool_calls``; None: whatever the script has next."""
    duration_ms: int = 2000
    tone_hz: float | None = None
    """None: the script gives it one of its own (see ``Script``)."""
    endless: bool = False
    """The sound begins again when it is over, until somebody breaks it off. Only in a script with a pace."""

    def __post_init__(self) -> None:
        if self.duration_ms <= 0:
            raise ValueError(f"duration_ms must be above 0, not {self.duration_ms}")
        if not (self.text or self.audio or self.tool_calls):
            raise ValueError("a reply needs a text, sound or a tool call")

    @property
    def speaks(self) -> bool:
        """Has something to be heard, not only function calls."""
        return bool(self.text or self.audio)

    @property
    def sound(self) -> bytes:
        """What the caller hears: PCMU, 8 kHz; empty if nothing."""
        if self.audio or not self.speaks:
            return self.audio
        return chime(chime_hz(0) if self.tone_hz is None else self.tone_hz, self.duration_ms)

    @property
    def sound_ms(self) -> float:
        """How long that lasts."""
        return PCMU_8K.duration_ms(len(self.sound))


STOCK_REPLY = Reply("I see.")


@dataclass(frozen=True, slots=True)
class Script:
    """What one session says and claims to have heard. Sessions may share one: it never changes.

    Replies without a tone get one here: the greeting chimes at ``chime_hz(0)``, ``replies[n]`` at ``chime_hz(n + 1)``,
    and the replies to tool results at the next free ones in order, so look at ``script.replies[n].tone_hz``.
    """

    greeting: Reply | None = None
    """Answers a response.create that comes before the caller has spoken."""
    replies: tuple[Reply, ...] = field(default=(STOCK_REPLY,))
    """The n-th caller turn gets the n-th."""
    after_last: Reply | None = None
    """Said from then on. None: the replies begin again."""
    heard: tuple[str, ...] = ()
    """The transcript of the n-th caller turn; after the last it begins again. If empty: "caller turn n"."""
    delta_ms: int = 200
    """Sound in one delta."""
    pace: float = 0
    """How fast deltas come, in multiples of real time. 0: all at once."""
    think_ms: float = 0
    """From the response's creation to its first output."""
    transcribe_ms: float = 0
    """From a turn's end to its transcript, which may so come after the reply has begun."""

    def __post_init__(self) -> None:
        if self.delta_ms <= 0:
            raise ValueError(f"delta_ms must be above 0, not {self.delta_ms}")
        for name in ("pace", "think_ms", "transcribe_ms"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be below 0, but is {getattr(self, name)}")
        if not self.pace and any(reply.endless for reply in (*self.replies, self.greeting, self.after_last) if reply):
            raise ValueError("an endless reply needs a pace")
        if not self.replies and self.after_last is None:
            raise ValueError("a script needs replies, or after_last, or both")
        numbers = iter(range(1 + len(self.replies), 10_000))

        def tuned(reply: Reply, number: int) -> Reply:
            hz = chime_hz(number) if reply.tone_hz is None else reply.tone_hz
            then = None if reply.after_tools is None else tuned(reply.after_tools, next(numbers))
            return replace(reply, tone_hz=hz, after_tools=then)

        # Frozen, hence this way; after it, nothing changes any more.
        if self.greeting is not None:
            object.__setattr__(self, "greeting", tuned(self.greeting, 0))
        replies = tuple(tuned(reply, number) for number, reply in enumerate(self.replies, start=1))
        object.__setattr__(self, "replies", replies)
        if self.after_last is not None:
            object.__setattr__(self, "after_last", tuned(self.after_last, next(numbers)))

    def transcript(self, turn: int) -> str:
        """What the caller said in turn ``turn``, counted from 1."""
        return self.heard[(turn - 1) % len(self.heard)] if self.heard else f"caller turn {turn}"
