"""Logs: one line for each thing that happened, as JSON or for a terminal, with the call's id and without secrets.

A line has ``timestamp`` (ISO 8601, UTC), ``level``, ``event``, ``logger`` and what its writer added. A call's id comes
along when the logger was bound to it, ``get_logger(__name__).bind(call_id=...)``, or when the context was:
``structlog.contextvars.bound_contextvars(call_id=...)``. Lines of other libraries, written with the standard library's
``logging``, go the same way.

Our own loggers hand their fields to ``logging`` as they are; all work on them is done by one formatter, behind one
``except``. So no value, however strange, can raise into the code that logs it. Each field is bounded (``plain``), and a
value that was cut says how long it was.

Nobody waits for where the lines go: a thread writes them (``line_writer``), and what it cannot get rid of is dropped
and counted.
"""

import json
import logging
import os
import sys
from collections.abc import Iterable
from typing import Any, Final, TextIO

import structlog
from pydantic import SecretStr
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from offhook.settings import TABLE, Settings
from offhook.telemetry.line_writer import LineWriter
from offhook.telemetry.mask import Mask
from offhook.telemetry.plain import EXCEPTION_CHARS, plain_field

TALKATIVE: Final = ("picows", "httpx", "httpcore", "twilio.http_client", "uvicorn.access")
"""Libraries that write a line or more for each request; only their warnings are wanted."""

_FIRST = ("timestamp", "level", "event", "logger", "call_id")
_LAST = "exception"


def get_logger(name: str) -> BoundLogger:
    """Return a logger. Its lines go where ``configure_logs`` says; before that, only warnings are shown, on stderr."""
    if not structlog.is_configured():
        _lead_to_logging()
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log line of this process to ``stream``, by default stderr. Calling again replaces the first set-up.

    Run uvicorn with ``log_config=None``, else it takes its own lines back.
    """
    stream = stream or sys.stderr
    mask = Mask(_secrets(settings))
    on_terminal = stream.isatty()
    console = settings.log_format == "console" or (settings.log_format == "auto" and on_terminal)
    handler = _Handler(stream)
    handler.setFormatter(
        _LineFormatter(
            mask, _console(colors=on_terminal and "NO_COLOR" not in os.environ) if console else _json, escape=console
        )
    )
    root = logging.getLogger()
    for other in list(root.handlers):
        if isinstance(other, _Handler):
            root.removeHandler(other)
            other.close()
    root.addHandler(handler)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    root.setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    _lead_to_logging()


def lines_lost() -> int:
    """How many lines of this process could not be written."""
    return sum(handler.lost for handler in logging.getLogger().handlers if isinstance(handler, _Handler))


def _lead_to_logging() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        # A logger made before configure_logs must follow it.
        cache_logger_on_first_use=False,
    )


def _secrets(settings: Settings) -> Iterable[str]:
    for row in TABLE:
        value = getattr(settings, row.name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()


class _Handler(logging.Handler):
    """Writes to a stream: by a thread, if it may be slow, which what has no file descriptor is not."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        descriptor = _descriptor(stream)
        self._writer = LineWriter(descriptor, self._dropped_line) if descriptor is not None else None

    @property
    def lost(self) -> int:
        """Lines that could not be written."""
        return self._writer.lost if self._writer is not None else 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or have it written."""
        try:
            line = self.format(record) + "\n"
            if self._writer is not None:
                self._writer.put(line.encode(self._encoding, "backslashreplace"))
            else:
                self._stream.write(line)
                self._stream.flush()
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Wait for what is on its way, but not for long."""
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Write no more."""
        if self._writer is not None:
            self._writer.close()
        super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        """Say nothing: the stream is gone, and the standard way prints the record, unmasked, to stderr."""

    def _dropped_line(self, count: int) -> bytes:
        said = "log lines dropped: %d; what they go to was too slow"
        record = logging.LogRecord(__name__, logging.WARNING, "", 0, said, (count,), None)
        return f"{self.format(record)}\n".encode(self._encoding, "backslashreplace")


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (AttributeError, OSError, ValueError):
        return None


class _LineFormatter(ProcessorFormatter):
    """The one place where fields become a line."""

    def __init__(self, mask: Mask, render: Processor, *, escape: bool) -> None:
        self._mask = mask
        self._escape = escape
        super().__init__(
            foreign_pre_chain=[structlog.contextvars.merge_contextvars],
            processors=[
                _interpolate,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                ProcessorFormatter.remove_processors_meta,
                self._plain,
                render,
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; if it cannot be made, a line that says so."""
        try:
            return super().format(record)
        except Exception as error:
            failed = {"level": "error", "event": "a log line could not be written", "logger": record.name}
            return json.dumps({**failed, "reason": type(error).__name__})

    def _plain(self, logger: WrappedLogger, method: str, fields: EventDict) -> EventDict:
        exception = fields.pop(_LAST, None)
        ordered = [name for name in _FIRST if name in fields]
        ordered += [name for name in fields if name not in _FIRST]
        line = {name: plain_field(name, fields[name], self._mask) for name in ordered}
        if self._escape:
            line = {name: _escaped(value) for name, value in line.items()}
        if exception is not None:
            traceback = self._mask.text(str(exception), EXCEPTION_CHARS, keep_end=True)
            line[_LAST] = "\n".join(map(_escaped, traceback.split("\n"))) if self._escape else traceback
        return line


def _interpolate(logger: WrappedLogger, method: str, fields: EventDict) -> EventDict:
    """Put positional arguments into the event; keep them beside it if they do not fit."""
    if arguments := fields.get("positional_args"):
        try:
            fields["event"] = str(fields.get("event")) % arguments
        except Exception:
            return fields
        del fields["positional_args"]
    return fields


def _json(logger: WrappedLogger, method: str, fields: EventDict) -> str:
    # ASCII only: a lone surrogate, or a stream with a narrow encoding, must not lose the line.
    return json.dumps(fields)


def _console(*, colors: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=colors, sort_keys=False, exception_formatter=structlog.dev.plain_traceback
    )


def _escaped(value: Any) -> Any:
    """Show control characters as escapes: a peer's text must not move the cursor or look like another line."""
    if isinstance(value, str) and not value.isprintable():
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in value)
    return value
