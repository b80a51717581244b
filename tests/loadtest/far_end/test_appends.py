import pytest

from offhook.loadtest.far_end.appends import sound_of
from offhook.wires.openai_realtime import client_events as client


@pytest.mark.parametrize("sound", [b"", b"a", bytes(range(160)), b"\xff" * 4800])
def test_sound_is_read_as_the_parser_reads_it(sound: bytes) -> None:
    assert sound_of(client.append(sound)) == sound


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{}",
        b'{"type":"input_audio_buffer.append","audio":"AAAA"',
        b'{"type":"input_audio_buffer.append","audio":"AAAA","event_id":"x"}',
        b'{"type":"input_audio_buffer.append","audio":"A*AA"}',
        b'{"type":"input_audio_buffer.append","audio":"AAA"}',
        b'{"audio":"AAAA","type":"input_audio_buffer.append"}',
        b'{"type":"input_audio_buffer.commit"}',
    ],
)
def test_everything_else_is_left_to_the_parser(message: bytes) -> None:
    assert sound_of(message) is None
