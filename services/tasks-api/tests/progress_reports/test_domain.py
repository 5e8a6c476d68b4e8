"""How long obstacles wait: in days as people count them, not in spans of 24 hours."""

from datetime import UTC, date, datetime

import pytest

from tasks_api.progress_reports.domain import ProgressReport, waiting_days
from tests.support.tasks import Profile

EVENING = datetime(2024, 6, 3, 16, 59, tzinfo=UTC)
"""A minute before midnight in Hanoi."""
NIGHT = datetime(2024, 6, 3, 17, tzinfo=UTC)


@pytest.mark.parametrize(("reported_at", "days"), [(EVENING, 2), (NIGHT, 1)])
def test_days_are_local(profile: Profile, reported_at: datetime, days: int) -> None:
    assert waiting_days(reported_at, date(2024, 6, 5), profile.calendar) == days


@pytest.mark.parametrize(
    ("obstacles", "answered_at", "waits"),
    [(None, None, False), ("Thiếu kinh phí", None, True), ("Thiếu kinh phí", NIGHT, False)],
)
def test_only_obstacles_that_nobody_answered_wait(
    obstacles: str | None, answered_at: datetime | None, waits: bool
) -> None:
    report = ProgressReport(
        id=1,
        percent=50,
        content="x",
        obstacles=obstacles,
        unit="so-noi-vu",
        reported_at=EVENING,
        reported_by="an",
        answered_at=answered_at,
    )
    assert report.waits is waits
