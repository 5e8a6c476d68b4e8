"""Reading and writing published years. Versions are added, never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.series.models import series_year

_C = series_year.c


class Published(NamedTuple):
    """A version of a year."""

    code: str
    year: int
    version: int
    document: Mapping[str, Any]
    given_by: str
    recorded_at: datetime


async def hold(conn: AsyncConnection, code: str, year: int) -> None:
    """Keep others from adding a version of this year until the transaction ends."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"series {code} {year}", 0))))


async def newest(conn: AsyncConnection, code: str | None = None, year: int | None = None) -> Sequence[Published]:
    """The newest version of each year, of one series or of all, the latest year first."""
    query = select(series_year).ext(distinct_on(_C.code, _C.year)).order_by(_C.code, _C.year.desc(), _C.version.desc())
    if code is not None:
        query = query.where(_C.code == code)
    if year is not None:
        query = query.where(_C.year == year)
    return [Published._make(row) for row in await conn.execute(query)]


async def find(conn: AsyncConnection, code: str, year: int, version: int) -> Published | None:
    """One version of a year."""
    query = select(series_year).where(_C.code == code, _C.year == year, _C.version == version)
    row = (await conn.execute(query)).first()
    return None if row is None else Published._make(row)


async def add(conn: AsyncConnection, published: Published) -> None:
    """Write a new version."""
    await conn.execute(insert(series_year).values(**published._asdict()))
