"""Which reports may tell the same. It proposes; nothing is decided here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.access import Principal
from feedback_api.places.domain import Position
from feedback_api.reports.domain import ENDED, Erased, Feedback
from feedback_api.reports.repository import load_for_official
from feedback_api.similar import repository, views
from feedback_api.similar.domain import Likeness, Told, alike, metres_between, rounded
from feedback_api.similar.rules import SimilarRules
from feedback_api.similar.schemas import NearbyOut, NearbyQuery, NearbyReports, SimilarReports


@dataclass(frozen=True, slots=True)
class Similar:
    """The use cases. Everything is read; nothing is written."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    rules: SimilarRules

    async def to(self, code: str, caller: Principal) -> SimilarReports:
        """Reports that may tell what this one tells, for its officials. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            report = await load_for_official(conn, code, caller)
            found = await self.proposed(conn, report)
            reports = await repository.whole(conn, [each.code for each in found])
        told = Told.of(report)
        items = [views.similar(each, told, reports[each.code], caller) for each in found if each.code in reports]
        return SimilarReports(code=code, items=items)

    async def proposed(self, conn: AsyncConnection, report: Feedback) -> Sequence[Likeness]:
        """The same for a report that is loaded, the most alike first; none for one without words."""
        if report.erased is Erased.TEXT:
            return ()
        others = await repository.candidates(conn, report, self.rules.similar)
        return alike(Told.of(report), others, self.rules.similar, self.rules.empty_words.unmarked)

    async def nearby(self, query: NearbyQuery) -> NearbyReports:
        """What everyone may know of the reports near a place.

        Which ones are near follows from their rounded places alone: whoever asks from many places learns no more.
        """
        rule, place = self.rules.nearby, Position(query.lat, query.lon)
        since = self.clock.now() - timedelta(days=rule.within_days)
        async with self.reading.connect() as conn:
            found = await repository.near(conn, place, query.category, since, rule)
        items = []
        for each in found:
            about = rounded(Position(each.lat, each.lon), rule.decimals)
            distance = metres_between(place, about)
            if distance <= rule.within_m:
                items.append(
                    NearbyOut(
                        code=each.code,
                        category=each.category,
                        status="published" if each.status in ENDED else "open",
                        received_on=self.calendar.local_date(each.received_at),
                        lat=about.lat,
                        lon=about.lon,
                        distance_m=round(distance),
                    )
                )
        items.sort(key=lambda item: (item.distance_m, item.code))
        return NearbyReports(items=items[: rule.shown])
