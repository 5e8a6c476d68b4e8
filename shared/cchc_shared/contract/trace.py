"""The W3C trace context of the work at hand: set by the HTTP side, read by logs and by new events."""

from contextvars import ContextVar

traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
