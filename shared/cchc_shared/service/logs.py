"""Structured logs: one JSON object a line, with the trace they belong to and never a word of a citizen's report."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cchc_shared.contract.trace import traceparent
from cchc_shared.http import access_log

CHATTY = ("aiokafka", "alembic", "asyncio", "httpcore", "httpx", "sqlalchemy", "uvicorn")
"""Libraries that tell of every step they take: only their warnings are kept."""

_json = msgspec.json.Encoder(enc_hook=str)


class Lines:
    """Writes whole lines. Where there is no room for one it is lost, and nothing else: no work fails for its log."""

    def __init__(self, output: BinaryIO) -> None:
        # Straight to the file: a buffer would keep what could not be written, and fail with the next line.
        self._output: Final = getattr(output, "raw", output)
        self._cut = False

    def write(self, line: bytes) -> None:
        whole = b"\n" + line if self._cut else line
        try:
            written = self._output.write(whole) or 0  # none at all where a pipe is full and nobody waits for it
        except (OSError, ValueError):  # no room, nobody at the other end, or closed
            return
        self._cut = 0 < written < len(whole) or (self._cut and not written)

    def flush(self) -> None:
        """Nothing is kept back."""


def configure(service: str, level: str) -> None:
    """Send this process's logs to standard output as JSON lines that carry the service's name.

    `level` is `debug`, `info`, `warning` or `error`.
    """
    lowest = logging.getLevelNamesMapping()[level.upper()]

    def add_time_and_place(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        event["timestamp"] = datetime.now(UTC).isoformat()
        event["service"] = service
        trace = traceparent.get()
        if trace is not None:
            event["trace_id"] = trace.split("-")[1]
        return event

    shared: list[Processor] = [
        add_time_and_place,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
    ]
    output = Lines(sys.stdout.buffer)

    def write_request(fields: dict[str, Any]) -> None:
        now = datetime.now(UTC).isoformat()
        line = {**fields, "event": "request", "timestamp": now, "service": service, "level": "info"}
        output.write(_json.encode(line) + b"\n")

    access_log.write_with(write_request if lowest <= logging.INFO else lambda _: None)
    # As bytes, and with the processors bound once: a line must cost next to nothing.
    structlog.configure(
        processors=[*shared, lambda _, __, event: _json.encode(event)],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.BytesLoggerFactory(output),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                lambda _, __, event: _json.encode(event).decode(),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=lowest, force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(lowest, logging.WARNING))
