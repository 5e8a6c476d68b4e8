"""A score is written when something it reads has moved, and only then."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events import Event, new_event
from cchc_shared.contract.events.task import TaskStarted
from scoring_worker.index_sets.document import load
from scoring_worker.loading.service import IndexSetLoader, VersionTaken
from tests.support.scoring import ScoringService

START = datetime(2026, 5, 20, tzinfo=UTC)
CITY = (Path(__file__).parents[4] / "data" / "index_sets" / "cchc-city.yaml").read_text()


def task(subject: str, now: datetime, done: datetime | None = None) -> Event:
    """A task of unit A that is due in three days."""
    data = TaskStarted(
        code="NV",
        lead_unit="A",
        status=TaskStatus.IN_PROGRESS,
        assigned_at=START,
        due_at=now + timedelta(days=3),
        completed_at=done,
    )
    return new_event(data, subject=subject, version=1, occurred_at=now, recorded_at=now)


async def test_a_score_that_a_fact_cannot_move_is_not_written_again(service: ScoringService, clock: FixedClock) -> None:
    written: list[set[Any]] = []
    for subject, done in (("1", None), ("2", None), ("3", START)):
        clock.advance(timedelta(minutes=1))
        await service.apply([task(subject, clock.now(), done)])
        written.append({when for (when,) in await service.rows("SELECT computed_at FROM score")})
    assert written[0] == written[1] == set()  # two tasks that are not due yet: no set reads of those
    assert written[2] == {clock.now()}  # and one that is done
    clock.advance(timedelta(minutes=1))
    await service.apply([task("4", clock.now(), None)])
    assert {when for (when,) in await service.rows("SELECT computed_at FROM score")} == written[2]


async def test_a_new_version_of_a_set_scores_anew_and_a_changed_one_is_refused(
    service: ScoringService, clock: FixedClock
) -> None:
    await service.apply([task("1", clock.now(), START), task("2", clock.now())])
    before = await service.rows("SELECT unit, period, total FROM score ORDER BY unit, period")
    changed = CITY.replace("max: 30", "max: 60").replace("points: 100", "points: 130")
    loader = IndexSetLoader(service.engine, clock)
    with pytest.raises(VersionTaken):
        await loader.store(load(changed))
    newer = load(changed.replace('version: "2026.4"', 'version: "2026.5"'))
    assert await loader.store(newer)
    assert not await loader.store(newer)
    after = await service.rows("SELECT unit, period, total FROM score ORDER BY unit, period")
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert after != before
    assert {version for (version,) in await service.rows("SELECT set_version FROM score")} == {"2026.5"}
