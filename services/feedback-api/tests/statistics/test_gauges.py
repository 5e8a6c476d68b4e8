"""What operators see of the work at hand."""

from datetime import UTC, datetime, timedelta

from prometheus_client import REGISTRY

from cchc_shared.calendar.clock import FixedClock
from feedback_api.statistics.feature import BACKLOG

from ..conftest import People, Service


def shown() -> tuple[float | None, float | None]:
    return REGISTRY.get_sample_value("cchc_feedback_open"), REGISTRY.get_sample_value("cchc_feedback_overdue")


async def test_open_and_overdue_reports_are_counted_by_the_clock(
    service: Service, people: People, clock: FixedClock
) -> None:
    old = {"channel": "hotline", "received_at": datetime(2024, 1, 15, 2, tzinfo=UTC).isoformat()}
    for body in (old, {"channel": "hotline"}, {"channel": "hotline"}):
        assert (await service.post(body, **people["system"])).status_code == 201
    await BACKLOG.run(service.here)
    assert shown() == (3, 1)
    clock.advance(timedelta(days=365))
    await BACKLOG.run(service.here)
    assert shown() == (3, 3)
