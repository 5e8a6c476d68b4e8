"""Operators learn in time that a year has no decision yet."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from cchc_shared.calendar.clock import FixedClock
from tasks_api.calendar.timers import NOTICE_DAYS, OUTLOOK
from tests.support.tasks import Api

ALERTS = Path(__file__).parents[4] / "deploy" / "alerts.yaml"


@pytest.mark.parametrize(
    ("now", "days", "told"),
    [
        (datetime(2026, 9, 24, 17, tzinfo=UTC), 59, True),  # the 25th in Hanoi: 23/11 is not sure
        (datetime(2026, 9, 23, 17, tzinfo=UTC), 60, False),
        (datetime(2026, 11, 24, 2, tzinfo=UTC), 38, True),
        (datetime(2027, 5, 5, 2, tzinfo=UTC), 0, True),
    ],
)
async def test_the_days_until_the_first_undecided_one(api: Api, now: datetime, days: int, told: bool) -> None:
    here = api.here
    here.clock = FixedClock(now)
    with capture_logs() as logs:
        await OUTLOOK.run(here)
    assert REGISTRY.get_sample_value("cchc_calendar_decided_days") == days
    assert bool(logs) is told


def test_the_alert_has_the_same_notice() -> None:
    """The highest: the worker of this service has the gauge too, and nobody sets it there."""
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    (rule,) = [rule for group in groups for rule in group["rules"] if rule["alert"] == "CalendarUndecided"]
    assert rule["expr"] == f"max(cchc_calendar_decided_days) < {NOTICE_DAYS}"
