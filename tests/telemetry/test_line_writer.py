"""The writer, on real pipes: one that is read, one that is not, one that is closed."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from offhook.telemetry.line_writer import LineWriter

LINE = b"x" * 999 + b"\n"
LIMIT_BYTES = 50_000
FILLER = b"."


@dataclass
class Pipe:
    reader: int
    writer: int

    def fill(self) -> None:
        """Until it takes nothing more."""
        os.set_blocking(self.writer, False)
        with suppress(BlockingIOError):
            while True:
                os.write(self.writer, FILLER)
        os.set_blocking(self.writer, True)

    def read(self, until: bytes) -> bytes:
        got = b""
        while until not in got:
            piece = os.read(self.reader, 65536)
            assert piece, got[-200:]
            got += piece
        return got


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    reader, writer = os.pipe()
    yield Pipe(reader, writer)
    for descriptor in (reader, writer):
        try:
            os.close(descriptor)
        except OSError:
            continue


def dropped(count: int) -> bytes:
    return b"dropped %d\n" % count


def test_lines_come_out_in_order(pipe: Pipe) -> None:
    writer = LineWriter(pipe.writer, dropped)
    for number in range(1000):
        writer.put(b"%d\n" % number)
    assert writer.flush()
    assert pipe.read(b"999\n") == b"".join(b"%d\n" % number for number in range(1000))
    assert writer.lost == 0
    writer.close()


def test_who_logs_does_not_wait_for_who_does_not_read_and_what_waits_is_bounded(pipe: Pipe) -> None:
    pipe.fill()
    writer = LineWriter(pipe.writer, dropped, limit_bytes=LIMIT_BYTES)
    began = time.monotonic()
    for _ in range(5000):
        writer.put(LINE)
    assert time.monotonic() - began < 5
    assert not writer.flush(within_s=0.05)
    assert writer.lost == 4950

    # As soon as it is read again, what waited comes, and how many there were besides (told once, or in two parts).
    kept = told = 0
    with os.fdopen(os.dup(pipe.reader), "rb") as read:
        while told < writer.lost:
            line = read.readline().lstrip(FILLER)
            if line.startswith(b"dropped "):
                told += int(line.split()[1])
            else:
                assert line == LINE
                kept += 1
    assert (kept, told) == (50, 4950)

    assert writer.flush()
    writer.put(b"back\n")
    assert pipe.read(b"back\n") == b"back\n"
    writer.close()


def test_a_pipe_that_nobody_reads_any_more_raises_nowhere_and_is_counted(pipe: Pipe) -> None:
    writer = LineWriter(pipe.writer, dropped)
    os.close(pipe.reader)
    writer.put(LINE)
    writer.put(LINE)
    assert writer.flush()
    assert writer.lost == 2
    writer.close()


def test_a_descriptor_that_does_not_wait_by_itself_loses_nothing(pipe: Pipe) -> None:
    os.set_blocking(pipe.writer, False)
    writer = LineWriter(pipe.writer, dropped)
    for _ in range(500):
        writer.put(LINE)
    writer.put(b"end\n")
    assert pipe.read(b"end\n") == LINE * 500 + b"end\n"
    assert writer.lost == 0
    writer.close()


def test_its_descriptor_is_its_own_and_closed_at_the_end(pipe: Pipe) -> None:
    writer = LineWriter(pipe.writer, dropped)
    os.close(pipe.writer)
    other = os.open(os.devnull, os.O_WRONLY)  # may well get the number that was closed
    writer.put(b"last\n")
    writer.close()
    writer.put(b"too late\n")
    assert pipe.read(b"last\n") == b"last\n"
    assert os.read(pipe.reader, 100) == b""  # the end: nobody holds it open
    assert writer.lost == 1
    os.close(other)
