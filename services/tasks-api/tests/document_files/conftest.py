"""The service with a storage for files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.databases import Database
from tests.support.tasks import Api
from tests.support.tokens import TestTokens

from ..conftest import running, settings_for


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """The folder with everything that is kept."""
    return tmp_path / "kho tệp"


@pytest.fixture
async def city(city_database: Database, tokens: TestTokens, clock: FixedClock, stored: Path) -> AsyncIterator[Api]:
    settings = settings_for(city_database, tokens)
    async with running(settings.model_copy(update={"attachments_url": stored.as_uri()}), tokens, clock) as api:
        yield api
