"""Structured logs: one JSON object a line, with the trace they belong to and never a word of a citizen's report."""

import logging
import sys
from datetime import UTC, datetime

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cchc_shared.contract.trace import traceparent

CHATTY = ("aiokafka", "alembic", "asyncio", "httpcore", "httpx", "sqlalchemy", "uvicorn")
"""Libraries that tell of every step they take: only their warnings are kept."""

_json = msgspec.json.Encoder(enc_hook=str)


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
    # As bytes, and with the processors bound once: a line for each request must cost next to nothing.
    structlog.configure(
        processors=[*shared, lambda _, __, event: _json.encode(event)],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
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
