"""What goes wrong, on purpose."""

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Noise:
    """A frame that is no proper event."""

    payload: bytes
    is_binary: bool = False


GARBAGE = Noise(b'{"type": "response.output_audio.del')
NOT_AN_OBJECT = Noise(b"[1, 2, 3]")
BINARY = Noise(b"\x00\x01\xfe\xff", is_binary=True)
UNKNOWN_EVENT = Noise(b'{"type":"response.weather.updated","event_id":"event_noise","sky":"clear"}')
BROKEN_EVENT = Noise(b'{"type":"response.output_audio.delta","event_id":"event_noise","delta":5}')


@dataclass(frozen=True, slots=True)
class HangUp:
    """The connection ends."""

    code: int | None
    """WebSocket close code. None: the socket just ends, without a close frame."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Faults:
    """All that can be told to go wrong in one session; by default nothing does. Counts begin at 1."""

    refuse_status: int | None = None
    """Answer the upgrade with this HTTP status, 400 or above."""
    withhold_updated: bool = False
    """Take session.update, but never say session.updated."""
    close_after_replies: int | None = None
    """Hang up after the n-th response.done; 0: right after session.created."""
    close_in_reply: int | None = None
    """Hang up when half the deltas of the n-th response are out."""
    close_code: int | None = 1011
    """For the two above. None: abruptly, without a close frame."""
    fail_response: int | None = None
    """The n-th response fails: an error event, and response.done with status failed."""
    fail_code: str = "server_error"
    """The error's code (and type) then."""
    noise: tuple[Noise, ...] = ()
    """These go out between the proper events, one after each, in turn: GARBAGE, BINARY, and the others above."""
    late_deltas: int = 0
    """After a response was cancelled, so many deltas of it still come."""
    expire_after_s: float | None = None
    """So long after session.created: the error session_expired, then close code 1001, as after the vendor's 60 min."""

    def __post_init__(self) -> None:
        if self.refuse_status is not None and HTTPStatus(self.refuse_status) < HTTPStatus.BAD_REQUEST:
            raise ValueError(f"refuse_status must be 400 or above, not {self.refuse_status}")


NO_FAULTS = Faults()
