"""The reader of the city's wordings."""

import pytest

from tasks_api.deadlines.reader import DeadlineReader
from tests.support.tasks import Profile


@pytest.fixture(scope="session")
def reader(profile: Profile) -> DeadlineReader:
    return profile.rules.deadline_reader(profile.calendar)
