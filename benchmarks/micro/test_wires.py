"""Reading and writing the messages that carry sound, in both protocols."""

from typing import Any

from offhook.wires import twilio_media as twilio
from offhook.wires.messages import TextAssembler
from offhook.wires.openai_realtime import client_events, server_events

FRAME = bytes(range(160))
SID = "MZ" + "0" * 32
MEDIA = twilio.encode(twilio.Media(twilio.Sound(FRAME, "123456", "6172"), SID, "6174"))
DELTA = server_events.encode(
    server_events.AudioDelta(FRAME * 10, "item_0123456789abcdef", "resp_0123456789abcdef", event_id="event_0123456789")
)


def test_read_twilio_media(benchmark: Any) -> None:
    assert isinstance(benchmark(twilio.parse, MEDIA), twilio.Media)


def test_put_a_message_together(benchmark: Any) -> None:
    assembler = TextAssembler(64 * 1024)
    assert benchmark(lambda: assembler.add(1, MEDIA, final=True)) is MEDIA


def test_write_twilio_media(benchmark: Any) -> None:
    assert benchmark(twilio.ReplyWriter(SID).media, FRAME)


def test_read_realtime_delta_of_200_ms(benchmark: Any) -> None:
    assert isinstance(benchmark(server_events.parse, DELTA), server_events.AudioDelta)


def test_write_realtime_append(benchmark: Any) -> None:
    assert benchmark(client_events.append, FRAME)
