"""Published sheets and postings in the database."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.months import Month
from cchc_shared.publications.domain import S, Sheet
from cchc_shared.publications.models import postings, sheets

CITY = ""
"""Stands for the whole city where a sheet names a unit."""
_city = sheets.c.unit == CITY


class Published(NamedTuple):
    """A sheet as it was published: its JSON and the hash of that."""

    document: str
    sha256: str


class Made(NamedTuple):
    """When and why a version was made, and by whom; null for one that was closed by itself."""

    published_at: datetime
    known_at: date
    reason: str | None
    actor: str | None


async def lock(conn: AsyncConnection) -> None:
    """One version is made at a time, until the transaction ends."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtext("publication"))))


async def published_months(conn: AsyncConnection) -> set[Month]:
    """The months with a first version."""
    return {Month.of(month) for month in await conn.scalars(select(sheets.c.month).where(_city, sheets.c.version == 1))}


async def newest(conn: AsyncConnection, month: Month, kind: type[S]) -> dict[str, S]:
    """The sheets of the newest version of a month, by unit."""
    version = select(func.max(sheets.c.version)).where(_city, sheets.c.month == str(month)).scalar_subquery()
    query = select(sheets.c.unit, sheets.c.document).where(sheets.c.month == str(month), sheets.c.version == version)
    return {unit: msgspec.json.decode(document, type=kind) for unit, document in await conn.execute(query)}


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
