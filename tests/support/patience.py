"""What a service leaves undone because it takes long, it does here: a busy machine is no failure."""

import pytest

from cchc_shared.service import actions, assembly
from tests.support.waiting import LIMIT_SECONDS


def pytest_configure(config: pytest.Config) -> None:
    """Of the services that run in the tests' own process; those who test the bound itself set theirs."""
    actions.SECONDS_AT_ONCE = LIMIT_SECONDS
    assembly.CLOSE_SECONDS = 30
