"""Use cases of indices that others publish: a year is entered whole, and read by year or by province."""

from dataclasses import dataclass

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.field_errors import FieldError, field_path
from cchc_shared.http.problems import invalid, not_found
from scoring_worker.series import repository
from scoring_worker.series.domain import faults
from scoring_worker.series.repository import Published
from scoring_worker.series.schemas import (
    SeriesList,
    SeriesOfTerritory,
    SeriesPoint,
    SeriesYearHead,
    SeriesYearIn,
    SeriesYearOut,
)


@dataclass(frozen=True)
class Series:
    """Versions are added, never changed. A table that is sent again as it stands makes none."""

    engine: AsyncEngine
    clock: Clock

    async def all(self) -> SeriesList:
        """Every year of every series, without its rows."""
        async with self.engine.connect() as conn:
            return SeriesList(items=[SeriesYearHead.of(each) for each in await repository.newest(conn)])

    async def year(self, code: str, year: int, version: int | None) -> SeriesYearOut:
        """The table of a year. Raises a 404 problem."""
        async with self.engine.connect() as conn:
            if version is not None:
                found = await repository.find(conn, code, year, version)
            else:
                found = next(iter(await repository.newest(conn, code, year)), None)
        if found is None:
            raise not_found("bảng công bố", "the published table")
        return SeriesYearOut.of(found)

    async def of_territory(self, code: str, territory: str) -> SeriesOfTerritory:
        """What was published of a province, the latest year first. Raises a 404 problem for an unknown series."""
        async with self.engine.connect() as conn:
            years = await repository.newest(conn, code)
        if not years:
            raise not_found("chỉ số", "the index")
        items = []
        for published in years:
            table = published.document
            for row in table["rows"]:
                if row["territory"] == territory:
                    more = {name: table[name] for name in ("highest", "source", "status")}
                    point = {**row, **more, "year": published.year, "of": len(table["rows"])}
                    items.append(SeriesPoint.model_validate(point))
        return SeriesOfTerritory(code=code, territory=territory, items=items)

    async def enter(self, code: str, year: int, given: SeriesYearIn, by: str) -> SeriesYearOut:
        """Take in the table of a year. Raises a 422 problem that names every fault."""
        found = list(faults([row.row() for row in given.rows], given.highest))
        if found:
            raise invalid(
                [
                    FieldError(field_path("body", "rows", fault.row, fault.field), fault.message.vi, fault.message.en)
                    for fault in found
                ]
            )
        document = given.document()
        async with self.engine.begin() as conn:
            await repository.hold(conn, code, year)
            before = next(iter(await repository.newest(conn, code, year)), None)
            if before is not None and _same(before.document, document):
                return SeriesYearOut.of(before)
            version = 1 if before is None else before.version + 1
            published = Published(code, year, version, document, by, self.clock.now())
            await repository.add(conn, published)
        return SeriesYearOut.of(published)


def _same(one: object, other: object) -> bool:
    return msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")
