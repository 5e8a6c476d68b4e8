"""The service with the units of the city, and who inspects in it."""

import pytest

from tests.support.tasks import Api

from .office import Office


@pytest.fixture
def office(city: Api) -> Office:
    return Office(city)
