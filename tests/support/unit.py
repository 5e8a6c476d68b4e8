"""The mark `unit`, set by what a test uses: whatever needs no server, no running system and no other process.

`make test-unit` runs these alone. Nobody marks a test by hand.
"""

from pathlib import Path

import pytest

SERVERS = frozenset({"postgres_url", "kafka", "keycloak", "system", "installed", "broker", "open_gateway", "running"})
"""Fixtures that start a server, or hand out one that runs. `database` comes with `postgres_url`."""

STARTING = (
    *("subprocess", "spawn", "Supervisor", "System", "Broker", "Run"),
    *("own_postgres", "own_kafka", "PostgresServer", "KafkaServer"),
    *("socket", "serving", "uvicorn"),
)
"""Names through which a test module starts processes itself, or a server in its own."""

RUNNING = ("chaos", "clients", "contracts", "end_to_end", "fuzz", "golden")
"""Folders of `tests` about the running system: collecting them would take longer than the unit tests themselves."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "unit: needs no server; set by itself")


def units_only(config: pytest.Config) -> bool:
    """Whether only such tests were asked for: then no server is started."""
    return bool(config.getoption("markexpr", "") == "unit")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what cannot hold unit tests, where only these were asked for."""
    place = (
        collection_path.relative_to(config.rootpath).parts if collection_path.is_relative_to(config.rootpath) else ()
    )
    return True if units_only(config) and place[:1] == ("tests",) and place[1:2] and place[1] in RUNNING else None


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
