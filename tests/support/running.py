"""The whole system, running, for the tests that look at it from outside."""

from collections.abc import Iterator

import pytest

from tests.support.broker import Broker
from tests.support.system import System


@pytest.fixture(scope="session", params=["postgres", "kafka"])
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The system, started once for each carrier: `tests.support.groups` keeps its tests in one worker."""
    folder = tmp_path_factory.mktemp(f"end_to_end_{request.param}")
    if request.param == "postgres":
        with System(folder / "data") as system:
            yield system
        return
    with Broker(folder / "kafka") as broker, System(folder / "data", broker.bootstrap_servers) as system:
        yield system
