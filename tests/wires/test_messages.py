import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offhook.errors import WireError
from offhook.wires.messages import CloseCode, FramingError, Opcode, TextAssembler

TEXT, CONTINUATION, BINARY = Opcode.TEXT, Opcode.CONTINUATION, Opcode.BINARY


def test_an_unfragmented_message_is_given_back_as_it_came() -> None:
    message = b'{"event":"connected"}'

    assert TextAssembler(100).add(TEXT, message, final=True) is message


def test_fragments_make_one_message() -> None:
    assembler = TextAssembler(100)

    assert assembler.add(TEXT, b'{"event":', final=False) is None
    assert assembler.add(CONTINUATION, b'"conn', final=False) is None
    assert assembler.add(CONTINUATION, b'ected"}', final=True) == b'{"event":"connected"}'


def test_messages_follow_each_other() -> None:
    assembler = TextAssembler(4)

    assembler.add(TEXT, b"ab", final=False)
    assert assembler.add(CONTINUATION, b"cd", final=True) == b"abcd"
    assert assembler.add(TEXT, b"efgh", final=True) == b"efgh"
    assembler.add(TEXT, b"ij", final=False)
    assert assembler.add(CONTINUATION, b"kl", final=True) == b"ijkl"


def test_a_message_at_the_limit_is_taken() -> None:
    assert TextAssembler(4).add(TEXT, b"abcd", final=True) == b"abcd"


@pytest.mark.parametrize("pieces", [[b"abcde"], [b"abc", b"de"], [b"a", b"b", b"c", b"d", b"e"]], ids=len)
def test_a_message_over_the_limit_is_refused(pieces: list[bytes]) -> None:
    with pytest.raises(FramingError, match="over 4 bytes") as caught:
        feed(TextAssembler(4), pieces)

    assert caught.value.close_code == CloseCode.TOO_BIG


def test_a_message_is_refused_before_it_is_complete() -> None:
    assembler = TextAssembler(4)
    assembler.add(TEXT, b"abc", final=False)

    with pytest.raises(FramingError):
        assembler.add(CONTINUATION, b"de", final=False)


def test_empty_fragments_do_not_come_without_end() -> None:
    with pytest.raises(FramingError, match="over 100 bytes"):
        feed(TextAssembler(100), [b""] * 102)


def test_an_empty_message_is_a_message() -> None:
    assert TextAssembler(4).add(TEXT, b"", final=True) == b""


def test_binary_is_refused() -> None:
    with pytest.raises(FramingError, match="binary") as caught:
        TextAssembler(100).add(BINARY, b"\x00", final=True)

    assert caught.value.close_code == CloseCode.UNSUPPORTED_DATA


def test_binary_is_refused_between_fragments() -> None:
    assembler = TextAssembler(100)
    assembler.add(TEXT, b"a", final=False)

    with pytest.raises(FramingError, match="binary"):
        assembler.add(BINARY, b"\x00", final=True)


@pytest.mark.parametrize("final", [True, False])
def test_a_continuation_of_nothing_is_refused(final: bool) -> None:
    with pytest.raises(FramingError, match="out of order") as caught:
        TextAssembler(100).add(CONTINUATION, b"a", final=final)

    assert caught.value.close_code == CloseCode.PROTOCOL_ERROR


@pytest.mark.parametrize("final", [True, False])
def test_a_message_that_begins_within_another_is_refused(final: bool) -> None:
    assembler = TextAssembler(100)
    assembler.add(TEXT, b"a", final=False)

    with pytest.raises(FramingError, match="out of order"):
        assembler.add(TEXT, b"b", final=final)


def test_a_framing_error_is_the_peers_error() -> None:
    assert issubclass(FramingError, WireError)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=20), min_size=1, max_size=20))
def test_however_it_is_cut_the_message_is_the_same(pieces: list[bytes]) -> None:
    assert feed(TextAssembler(1000), pieces) == b"".join(pieces)


def feed(assembler: TextAssembler, pieces: list[bytes]) -> bytes | None:
    message = None
    for number, piece in enumerate(pieces):
        message = assembler.add(CONTINUATION if number else TEXT, piece, final=number == len(pieces) - 1)
    return message
