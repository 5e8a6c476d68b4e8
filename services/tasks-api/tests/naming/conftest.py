"""Readers of cells for any day, over the documents of the city."""

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest

from tasks_api.naming.reader import UnitReader
from tests.support.tasks import Profile

ReaderOn = Callable[[date], UnitReader]


@pytest.fixture(scope="session")
def reader_on(profile: Profile) -> ReaderOn:
    """The reader of a day, built once."""
    return cache(lambda day: UnitReader(profile.units, profile.groups, profile.aliases, day))
