"""The mark `unit`, set by what a test uses: whatever needs no server, no running system and no other process.

`make test-unit` runs these alone. Nobody marks a test by hand.
"""

import pytest

SERVERS = frozenset({"postgres_url", "kafka", "system", "broker"})
"""Fixtures that start a server, or hand out one that runs. `database` comes with `postgres_url`."""

STARTING = ("subprocess", "System", "Broker", "own_postgres", "own_kafka", "PostgresServer", "KafkaServer", "spawn")
"""Names through which a test module starts processes itself."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "unit: needs no server; set by itself")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not needs_servers(item):
            item.add_marker(pytest.mark.unit)


def needs_servers(item: pytest.Item) -> bool:
    """Whether the test, or a fixture it uses, comes to a server."""
    if not isinstance(item, pytest.Function) or not SERVERS.isdisjoint(item.fixturenames):
        return True
    return any(hasattr(item.module, name) for name in STARTING)
