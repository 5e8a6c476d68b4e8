"""Logs of the tests: plain tracebacks, because drawing one with every local variable takes seconds."""

import structlog


def pytest_configure() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )
