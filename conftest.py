"""Fixtures of every test: a real PostgreSQL database, a real Kafka broker, tokens of a test issuer."""

from hypothesis import settings

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("cchc", deadline=None)
settings.load_profile("cchc")

pytest_plugins = [
    "tests.support.unit",
    "tests.support.examples",
    "tests.support.logs",
    "tests.support.running",
    "tests.support.servers",
    "tests.support.databases",
    "tests.support.groups",
    "tests.support.skips",
    "tests.support.tokens",
]
