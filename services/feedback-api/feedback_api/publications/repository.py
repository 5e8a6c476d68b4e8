"""Published sheets and postings in the database, and the counts that sheets are made of."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Row, Select, column, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.months import Month
from cchc_shared.calendar.working_time import WorkingCalendar
from feedback_api.publications.domain import Cell, Sheet
from feedback_api.publications.models import postings, sheets
from feedback_api.statistics import repository as statistics
from feedback_api.statistics.domain import Counts, Dimension
from feedback_api.statistics.repository import CountQuery

CITY = ""
"""Stands for the whole city where a sheet names a unit."""
_city = sheets.c.unit == CITY


class Published(NamedTuple):
    """A sheet as it was published: its JSON and the hash of that."""

    document: str
    sha256: str

    @property
    def sheet(self) -> Sheet:
        return msgspec.json.decode(self.document, type=Sheet)


class Made(NamedTuple):
    """When and why a version was made, and by whom; null for one that was closed by itself."""

    published_at: datetime
    known_at: date
    reason: str | None
    actor: str | None


async def cells(
    conn: AsyncConnection, month: Month, known: datetime, calendar: WorkingCalendar, *, by_unit: bool
) -> list[Cell]:
    """Counts of reports received in the year up to the end of the month, as they stood then, by what was known just
    before `known`. One statement for each month of receipt: none takes longer than a month is large."""
    dimensions = [Dimension.CHANNEL, Dimension.KIND, Dimension.CATEGORY]
    found: list[Cell] = []
    for received in month.since_january():
        query = CountQuery(
            dimensions=[*dimensions, Dimension.UNIT] if by_unit else dimensions,
            since=calendar.end_of_day(date.fromordinal(received.first_day.toordinal() - 1)),
            until=calendar.end_of_day(received.last_day),
            moment=calendar.end_of_day(month.last_day),
            known=known,
            past=True,
            by_unit=by_unit,
            unit=None,
            timezone=calendar.timezone.key,
        )
        rows = await conn.execute(statistics.counted(query).order_by(*map(column, query.dimensions)))
        for row in rows.mappings():
            counts = Counts(**{name: row[name] for name in Counts.__slots__})
            unit = row["unit"] if by_unit else None
            found.append(Cell(received, unit, row["channel"], row["kind"], row["category"], counts))
    return found


async def lock(conn: AsyncConnection) -> None:
    """One version is made at a time, until the transaction ends."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtext("publication"))))


async def published_months(conn: AsyncConnection) -> set[Month]:
    """The months with a first version."""
    return {Month.of(month) for month in await conn.scalars(select(sheets.c.month).where(_city, sheets.c.version == 1))}


async def newest(conn: AsyncConnection, month: Month) -> dict[str, Sheet]:
    """The sheets of the newest version of a month, by unit."""
    version = select(func.max(sheets.c.version)).where(_city, sheets.c.month == str(month)).scalar_subquery()
    query = select(sheets.c.unit, sheets.c.document).where(sheets.c.month == str(month), sheets.c.version == version)
    return {unit: msgspec.json.decode(document, type=Sheet) for unit, document in await conn.execute(query)}


async def publish(conn: AsyncConnection, made: Sequence[tuple[Sheet, Published]], how: Made) -> None:
    """Store the sheets of one version."""
    rows = [
        {
            "month": sheet.month,
            "version": sheet.version,
            "unit": CITY if sheet.unit is None else sheet.unit.code,
            **published._asdict(),
            **how._asdict(),
        }
        for sheet, published in made
    ]
    await conn.execute(insert(sheets), rows)


async def find(conn: AsyncConnection, month: Month, unit: str, version: int | None) -> Published | None:
    """A sheet of that version; the newest if None."""
    query = select(sheets.c.document, sheets.c.sha256).where(sheets.c.month == str(month), sheets.c.unit == unit)
    if version is not None:
        query = query.where(sheets.c.version == version)
    row = (await conn.execute(query.order_by(sheets.c.version.desc()).limit(1))).first()
    return None if row is None else Published(*row)


async def versions(conn: AsyncConnection, month: Month | None = None) -> Sequence[Row[tuple[object, ...]]]:
    """Month, version, hash, and when and why it was made: the newest month and version first."""
    named = ("month", "version", "sha256", "published_at", "known_at", "reason")
    query = select(*(sheets.c[name] for name in named)).where(_city)
    if month is not None:
        query = query.where(sheets.c.month == str(month))
    return (await conn.execute(query.order_by(sheets.c.month.desc(), sheets.c.version.desc()))).all()


async def published_at(conn: AsyncConnection, month: Month, version: int) -> datetime | None:
    """When that version was made; None if there is none."""
    found: datetime | None = await conn.scalar(
        select(sheets.c.published_at).where(_city, sheets.c.month == str(month), sheets.c.version == version)
    )
    return found


class Posting(NamedTuple):
    """A version hung at a place of a unit, from the first of these days to before the second."""

    version: int
    unit: str
    place: str
    posted_on: date
    taken_down_on: date | None
    recorded_at: datetime


async def write_down(conn: AsyncConnection, month: Month, posting: Posting, actor: str) -> None:
    """Add an entry to the log of where a month hung."""
    await conn.execute(insert(postings).values(month=str(month), **posting._asdict(), actor=actor))


async def log(
    conn: AsyncConnection, month: Month, *, unit: str | None = None, after: int | None = None, limit: int
) -> list[tuple[int, Posting]]:
    """Postings of a month with the id of the entry that counts, newest first, before the entry `after`."""
    columns = [postings.c[name] for name in Posting._fields]
    one = [postings.c[name] for name in ("version", "unit", "place", "posted_on")]
    last: Select[tuple[int, ...]] = select(func.max(postings.c.id)).where(postings.c.month == str(month)).group_by(*one)
    query = select(postings.c.id, *columns).where(postings.c.id.in_(last)).order_by(postings.c.id.desc()).limit(limit)
    if unit is not None:
        query = query.where(postings.c.unit == unit)
    if after is not None:
        query = query.where(postings.c.id < after)
    return [(number, Posting(*rest)) for number, *rest in await conn.execute(query)]
