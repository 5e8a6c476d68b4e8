"""Trace context of the current work: set by the HTTP side, read by logs and by new events."""

from contextvars import ContextVar

traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The W3C trace context."""

caller: ContextVar[str] = ContextVar("caller", default="anonymous")
"""The kind of caller, never who it is: `anonymous`, `token` as long as its token is not checked, or its roles."""
