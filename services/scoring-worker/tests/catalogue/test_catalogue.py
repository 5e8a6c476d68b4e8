"""Of the versions of an index set, the one in effect on the last day of a period scores it."""

from pathlib import Path

import pytest

from cchc_shared.calendar.clock import FixedClock
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.index_sets.document import Document, load
from scoring_worker.loading.service import IndexSetLoader
from scoring_worker.periods import parse
from tests.support.scoring import ScoringService

CITY = (Path(__file__).parents[4] / "data" / "index_sets" / "cchc-city.yaml").read_text()


def edition(version: str, effective_from: str) -> Document:
    """The city's set under another version, in effect from that day."""
    changed = CITY.replace('version: "2026.4"', f'version: "{version}"')
    return load(changed.replace("effective_from: 2023-01-01", f"effective_from: {effective_from}"))


def in_force(catalogue: Catalogue, period: str) -> str:
    """The version of the city's set that scores a period."""
    [found] = [
        each.document.index_set.version
        for each in catalogue.in_force(parse(period))
        if each.document.index_set.code == "CCHC-CITY"
    ]
    return found


@pytest.fixture
async def catalogue(service: ScoringService, clock: FixedClock) -> Catalogue:
    """What is known once a second version came, which is in effect from July 2026 on."""
    found = Catalogue()
    async with service.engine.connect() as conn:
        await found.refresh(conn)
    assert in_force(found, "2026-Q3") == "2026.4"
    await IndexSetLoader(service.engine, clock).store(edition("2026.9", "2026-07-01"))
    async with service.engine.connect() as conn:
        await found.refresh(conn)
    return found


@pytest.mark.parametrize(
    ("period", "version"),
    [
        ("2026-06", "2026.4"),
        ("2026-H1", "2026.4"),
        ("2026-07", "2026.9"),
        ("2026", "2026.9"),
        ("2020", "2026.4"),
    ],
    ids=["the month before", "the half before", "its first month", "a year it ends", "before all versions"],
)
async def test_the_version_in_effect_on_the_last_day_scores(catalogue: Catalogue, period: str, version: str) -> None:
    assert in_force(catalogue, period) == version


async def test_a_document_is_read_once(catalogue: Catalogue, service: ScoringService) -> None:
    known = catalogue.in_force(parse("2026"))
    async with service.engine.connect() as conn:
        await catalogue.refresh(conn)
    assert catalogue.in_force(parse("2026")) is known
