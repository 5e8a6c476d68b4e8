"""What everyone may know of is the same in the database as in the domain."""

from itertools import product

from sqlalchemy import select, text, update

from cchc_shared.contract.codes import FeedbackKind, FeedbackStatus
from cchc_shared.storage.records import records
from feedback_api.reports.domain import Erased, Feedback
from feedback_api.reports.models import feedback
from feedback_api.reports.repository import IN_THE_OPEN, PUBLISHED

from ..conftest import HOME_AFFAIRS, Service


async def test_every_kind_in_every_status(service: Service) -> None:
    code = (await service.post({"unit": HOME_AFFAIRS})).json()["code"]
    ways = product(FeedbackKind, FeedbackStatus, (False, True), (None, *Erased), (None, "PA-26-000009"))
    async with service.here.engine.begin() as conn:
        await conn.execute(text("ALTER TABLE feedback DISABLE TRIGGER ALL"))
        for kind, status, published, erased, part_of in ways:
            row = {"kind": kind, "status": status, "erased": erased, "part_of": part_of}
            published_at = feedback.c.received_at if published else None
            await conn.execute(update(feedback).values(**row, published_at=published_at))
            (report,) = records(await conn.execute(select(feedback).where(feedback.c.code == code)), Feedback)
            found = (await conn.execute(select(PUBLISHED, IN_THE_OPEN))).one()
            assert tuple(found) == (report.is_public, report.is_in_the_open), row
        await conn.rollback()
