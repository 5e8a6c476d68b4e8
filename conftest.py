"""Fixtures of every test: a real PostgreSQL database, a real Kafka broker, tokens of a test issuer."""

import sys

# At every request in process httpx asks for it: where it is not installed, Python looks through all folders each time.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

pytest_plugins = [
    "tests.support.scratch",
    "tests.support.garbage",
    "tests.support.unit",
    "tests.support.groups",
    "tests.support.examples",
    "tests.support.patience",
    "tests.support.logs",
    "tests.support.certificates",
    "tests.support.installed",
    "tests.support.running",
    "tests.support.servers",
    "tests.support.databases",
    "tests.support.skips",
    "tests.support.tokens",
]
