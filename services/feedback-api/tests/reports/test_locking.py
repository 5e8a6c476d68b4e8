"""What waits for a report while an action holds it."""

from sqlalchemy import select

from feedback_api.reports import repository
from feedback_api.reports.models import feedback

from ..conftest import HOME_AFFAIRS, Service


async def test_rows_that_point_to_a_report_do_not_wait_for_its_action(service: Service) -> None:
    code = (await service.post({"unit": HOME_AFFAIRS})).json()["code"]
    found = select(feedback.c.code).where(feedback.c.code == code)
    pointing = found.with_for_update(read=True, key_share=True, nowait=True)
    async with service.here.engine.begin() as acting, service.here.engine.begin() as other:
        assert await repository.load(acting, code, lock=True)
        assert await other.scalar(pointing) == code
