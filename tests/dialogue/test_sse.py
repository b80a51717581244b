from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.dialogue.sse import EVENT_LIMIT_BYTES, Events
from offhook.errors import WireError

STREAM = (
    b': hello\r\ndata: {"a":1}\r\n\r\nevent: x\ndata: one\ndata:two\n\nid: 7\n\n'
    b"data: gr\xc3\xbc\xc3\x9fe\r\rdata: [DONE]\n\n"
)
EVENTS = ['{"a":1}', "one\ntwo", "grüße", "[DONE]"]


def _read(pieces: list[bytes]) -> list[str]:
    events = Events()
    return [event for piece in pieces for event in events.feed(piece)] + events.end()


def test_events_are_read() -> None:
    assert _read([STREAM]) == EVENTS


def test_events_are_read_byte_by_byte() -> None:
    assert _read([bytes([byte]) for byte in STREAM]) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=10))
def test_events_are_read_in_any_pieces(cuts: list[int]) -> None:
    places = sorted({0, len(STREAM), *cuts})

    assert _read([STREAM[start:end] for start, end in pairwise(places)]) == EVENTS


def test_an_end_without_an_empty_line_still_ends_an_event() -> None:
    assert _read([b"data: one\n\ndata: two"]) == ["one", "two"]
    assert _read([b"data: one\n"]) == ["one"]
    assert _read([]) == []


@pytest.mark.parametrize("piece", [b"x" * 10_000, b"data: " + b"x" * 1_000 + b"\n"])
def test_an_event_without_an_end_is_refused(piece: bytes) -> None:
    with pytest.raises(WireError, match="has more than"):
        _read([piece] * (EVENT_LIMIT_BYTES // 900))


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_any_bytes_are_read(pieces: list[bytes]) -> None:
    _read(pieces)
