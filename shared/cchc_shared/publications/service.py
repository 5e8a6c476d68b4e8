"""Publications as they are read, corrected by the co-ordinator, and hung by units."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.months import Month
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.directory.service import Directory
from cchc_shared.http import kinds
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem
from cchc_shared.publications import repository
from cchc_shared.publications.domain import Sheet
from cchc_shared.publications.formats import Pages, Written, as_csv
from cchc_shared.publications.problems import MONTH_STILL_OPEN, NOT_PUBLISHED, NOTHING_TO_CORRECT
from cchc_shared.publications.publishing import Publishing
from cchc_shared.publications.repository import CITY, Posting, Published
from cchc_shared.publications.schemas import (
    Correction,
    CorrectionIn,
    PostingIn,
    PostingOut,
    PostingPage,
    PostingsQuery,
    PublicationVersionOut,
    PublishedMonthOut,
    PublishedMonthsOut,
)
from cchc_shared.publications.wording import Wording
from cchc_shared.storage.idempotency import Reply, once

ON_A_PAGE: Final = 500
"""So many postings, the newest, stand on the page of a sheet; the list has them all."""


@dataclass(frozen=True, slots=True)
class Publications:
    """The use cases. What was published is never changed: everything else is a further row.

    `correction` is what a correction is answered with.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    publishing: Publishing[Any, Any]
    directory: Directory
    wording: Wording
    pages: Pages
    correction: type[Correction]

    async def months(self) -> PublishedMonthsOut:
        """All months with their versions."""
        async with self.reading.connect() as conn:
            rows = await repository.versions(conn)
        by_month = groupby(rows, key=lambda row: row.month)
        return PublishedMonthsOut(
            items=[
                PublishedMonthOut(month=month, versions=[PublicationVersionOut.model_validate(row) for row in of_month])
                for month, of_month in by_month
            ]
        )

    async def written(
        self, form: Written, month: Month, unit: str | None, version: int | None
    ) -> tuple[str, Published]:
        """A sheet in one of its forms. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            published = await self._published(conn, month, unit, version)
            if form == "html":
                versions = [row.version for row in await repository.versions(conn, month)]
                log = await repository.log(conn, month, unit=unit, limit=ON_A_PAGE)
                postings = self._shown(month, [posting for _, posting in log])
                return self.pages.sheet(self._sheet(published), published.sha256, versions, postings), published
        if form == "json":
            return published.document, published
        return as_csv(self._sheet(published), self.wording.figures), published

    async def correct(
        self, month: Month, caller: Principal, body: CorrectionIn, key: str | None, digest: bytes
    ) -> Reply:
        """Publish the month anew, or for the first time where it does not close by itself. Raises 409 problems."""

        async def work(conn: AsyncConnection) -> Reply:
            ended = month.last_day <= self.publishing.last_known_day()
            if not ended or await self._closes_by_itself(conn, month):
                raise Problem(MONTH_STILL_OPEN)
            sheet = await self.publishing.correct(conn, month, body.reason, caller.sub)
            if sheet is None:
                raise Problem(NOTHING_TO_CORRECT)
            address = f"{self.wording.path}/{month}?version={sheet.version}"
            return reply(201, self.correction.model_validate(sheet), {"Location": address})

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def post(self, month: Month, caller: Principal, body: PostingIn, key: str | None, digest: bytes) -> Reply:
        """Write down where the caller's unit hung a version. Raises 404 and 403 problems, and `RuleBroken`."""
        if caller.unit is None:
            raise Problem(kinds.FORBIDDEN)
        unit = caller.unit

        async def work(conn: AsyncConnection) -> Reply:
            published = await self._published(conn, month, None, None)
            await self._check(conn, month, published, body)
            now = self.publishing.clock.now()
            posting = Posting(unit=unit, recorded_at=now, **body.model_dump())
            await repository.write_down(conn, month, posting, caller.sub)
            return reply(201, self._shown(month, [posting])[0])

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def postings(self, month: Month, query: PostingsQuery) -> PostingPage:
        """The log of a month, newest first. Raises a 404 problem for a month that is not published."""
        after = None if query.cursor is None else decode_cursor(query.cursor, int)[0]
        async with self.reading.connect() as conn:
            await self._published(conn, month, None, None)
            log = await repository.log(conn, month, unit=query.unit, after=after, limit=query.limit + 1)
        shown = log[: query.limit]
        cursor = encode_cursor(shown[-1][0]) if len(log) > query.limit else None
        return PostingPage(items=self._shown(month, [posting for _, posting in shown]), next_cursor=cursor)

    async def _published(self, conn: AsyncConnection, month: Month, unit: str | None, version: int | None) -> Published:
        found = await repository.find(conn, month, CITY if unit is None else unit, version)
        if found is None:
            raise Problem(NOT_PUBLISHED)
        return found

    def _sheet(self, published: Published) -> Sheet:
        sheet: Sheet = msgspec.json.decode(published.document, type=self.publishing.counting.kind)
        return sheet

    async def _closes_by_itself(self, conn: AsyncConnection, month: Month) -> bool:
        """Whether it is going to: it has no version yet, and a rule says when it gets one."""
        return self.publishing.closing_of(month) is not None and month not in await repository.published_months(conn)

    async def _check(self, conn: AsyncConnection, month: Month, newest: Published, posting: PostingIn) -> None:
        calendar = self.publishing.calendar
        published_at = await repository.published_at(conn, month, posting.version)
        if published_at is None:
            last = self._sheet(newest).version
            raise RuleBroken("version", f"chỉ có bản 1 đến {last}", f"there are versions 1 to {last}")
        today = calendar.local_date(self.publishing.clock.now())
        if not calendar.local_date(published_at) <= posting.posted_on <= today:
            raise RuleBroken(
                "posted_on", "trước ngày công bố hoặc sau hôm nay", "is before it was published, or to come"
            )
        if posting.taken_down_on is not None and not posting.posted_on <= posting.taken_down_on <= today:
            raise RuleBroken(
                "taken_down_on", "trước ngày niêm yết hoặc sau hôm nay", "is before it was posted, or to come"
            )

    def _shown(self, month: Month, postings: Sequence[Posting]) -> list[PostingOut]:
        units = self.directory.units
        named = [(posting, units.at(posting.unit, posting.posted_on)) for posting in postings]
        return [
            PostingOut(month=str(month), unit_name=(unit and unit.name) or posting.unit, **posting._asdict())
            for posting, unit in named
        ]
