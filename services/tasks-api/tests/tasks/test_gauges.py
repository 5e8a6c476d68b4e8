"""What operators see of the work at hand."""

from datetime import timedelta

from prometheus_client import REGISTRY

from cchc_shared.calendar.clock import FixedClock
from tasks_api.tasks.feature import BACKLOG
from tests.support.tasks import Api


def shown() -> tuple[float, float]:
    found = [REGISTRY.get_sample_value(name) for name in ("cchc_tasks_open", "cchc_tasks_overdue")]
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


async def test_open_and_overdue_tasks_are_counted_by_the_clock(city: Api, clock: FixedClock) -> None:
    await BACKLOG.run(city.here)
    still_open, overdue = shown()
    assert still_open > overdue == 0
    clock.advance(timedelta(days=400))
    await BACKLOG.run(city.here)
    assert shown()[0] == still_open
    assert 0 < shown()[1] <= still_open
