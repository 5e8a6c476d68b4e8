"""The whole system, running, for the tests that look at it from outside."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.broker import Broker
from tests.support.groups import group_of
from tests.support.installed import Installed
from tests.support.system import System

_RUNNING = pytest.StashKey[ExitStack]()


@pytest.fixture(scope="session", params=["postgres", "kafka"])
def system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, installed: Installed
) -> Iterator[System]:
    """The system, started once for each transport: `tests.support.groups` keeps its tests in one worker.

    What calls every operation in every way takes as long as all others, and has one `apart`, on PostgreSQL.
    """
    folder = tmp_path_factory.mktemp(f"end_to_end_{request.param}")
    with ExitStack() as running:
        request.config.stash[_RUNNING] = running
        on_kafka = request.param == "kafka"
        broker = running.enter_context(Broker(folder / "kafka")).bootstrap_servers if on_kafka else None
        yield running.enter_context(installed(folder / "data", broker))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Ends the system after the last test of its group, which one worker has in a row: idle, it slows others down."""
    if nextitem is not None and hasattr(item.config, "workerinput"):
        running = item.config.stash.get(_RUNNING, None)
        if running is not None and group_of(item.nodeid) != group_of(nextitem.nodeid):
            running.close()
