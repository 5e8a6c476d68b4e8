"""Shows what everyone may see of reports."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.http.problems import not_found
from feedback_api.public_map import repository
from feedback_api.public_map.domain import MOST_CLUSTERS, MOST_FEATURES, MOST_LOOKED_AT, shown_as, side
from feedback_api.public_map.repository import Wanted
from feedback_api.public_map.schemas import MapOut, MapQuery, PublicFeedbackOut
from feedback_api.public_map.views import Views


@dataclass(frozen=True, slots=True)
class PublicMap:
    """The use cases of whoever looks, without a token."""

    reading: AsyncEngine
    views: Views

    async def look(self, query: MapQuery) -> MapOut:
        """The reports of a box or of a circle, one by one or in clusters."""
        circle = query.circle()
        box = query.box()
        wanted = Wanted(box, circle, query.category, None if query.status is None else shown_as(query.status))
        async with self.reading.connect() as conn:
            rows = await repository.newest(conn, wanted, MOST_FEATURES + 1)
            if len(rows) <= MOST_FEATURES:
                return MapOut(clustered=False, truncated=False, features=self.views.features(rows))
            around = box or (circle and circle.box)
            width, height = (around.east - around.west, around.north - around.south) if around else (None, None)
            found = await repository.clusters(conn, wanted, side(query.zoom, width, height))
        truncated = len(found) == MOST_CLUSTERS or sum(each.size for each in found) >= MOST_LOOKED_AT
        return MapOut(clustered=True, truncated=truncated, features=self.views.clusters(found))

    async def one(self, code: str) -> PublicFeedbackOut:
        """One report. Raises a 404 problem where there is none that everyone may see."""
        async with self.reading.connect() as conn:
            row = await repository.one(conn, code)
        if row is None:
            raise not_found("phản ánh này", "this report")
        return self.views.report(row)
