"""What everyone may see of reports, in the database.

Places are rounded before anything else is done with them: neither a small box nor the middle of a cluster tells more.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, RowMapping, Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import FeedbackKind, FeedbackStatus
from feedback_api.public_map.domain import MOST_CLUSTERS, MOST_LOOKED_AT
from feedback_api.reports.location import Box, Circle, in_box, is_within
from feedback_api.reports.models import feedback
from feedback_api.reports.repository import IN_THE_OPEN, PUBLISHED

PER_DEGREE: Final = 1_000
"""Places are rounded to one part of so many of a degree."""

_c = feedback.c
_LAT: ColumnElement[Any] = func.round(_c.lat * PER_DEGREE) / PER_DEGREE
_LON: ColumnElement[Any] = func.round(_c.lon * PER_DEGREE) / PER_DEGREE
# What speaks of persons is on no map, published or not.
_SHOWABLE = and_(IN_THE_OPEN, _c.kind != FeedbackKind.CONDUCT)
_UNANSWERED = and_(_c.answered_at.is_(None), _c.ended_at.is_(None))
_SHOWN = (
    _c.code,
    _c.category,
    _c.kind,
    _c.status,
    _c.received_at,
    _c.published_at,
    _c.unit,
    _c.title,
    _c.answer,
    _LAT.label("lat"),
    _LON.label("lon"),
    PUBLISHED.label("published"),
)


class Wanted(NamedTuple):
    """Which reports are asked for; None does not narrow it."""

    box: Box | None
    circle: Circle | None
    category: str | None
    statuses: Sequence[FeedbackStatus] | None


class Cluster(NamedTuple):
    """How many reports lie in a cell, and their middle in degrees."""

    size: int
    lat: float
    lon: float


async def newest(conn: AsyncConnection, wanted: Wanted, limit: int) -> list[RowMapping]:
    """What is published, and what is open and may be known of, newest first."""
    return list((await conn.execute(_newest(wanted, *_SHOWN).limit(limit))).mappings())


async def clusters(conn: AsyncConnection, wanted: Wanted, side: float) -> list[Cluster]:
    """The cells with reports, of the newest, the fullest first."""
    looked_at = _newest(wanted, _LAT.label("lat"), _LON.label("lon")).limit(MOST_LOOKED_AT).subquery()
    lat, lon = looked_at.c.lat, looked_at.c.lon
    size = func.count().label("size")
    query = (
        select(size, func.avg(lat), func.avg(lon))
        .group_by(func.floor(lat / side), func.floor(lon / side))
        .order_by(size.desc(), func.avg(lat), func.avg(lon))
        .limit(MOST_CLUSTERS)
    )
    return [Cluster(*row) for row in await conn.execute(query)]


async def one(conn: AsyncConnection, code: str) -> RowMapping | None:
    """A report that everyone may follow: beside those of the map, one that was answered to its sender alone."""
    query = select(*_SHOWN).where(_c.code == code, _SHOWABLE)
    return (await conn.execute(query)).mappings().first()


def _newest(wanted: Wanted, *columns: ColumnElement[Any]) -> Select[Any]:
    conditions = [_SHOWABLE, or_(_UNANSWERED, PUBLISHED), _c.lat.is_not(None), _c.lon.is_not(None)]
    if wanted.category is not None:
        conditions.append(_c.category == wanted.category)
    if wanted.statuses is not None:
        conditions.append(_c.status.in_(wanted.statuses))
    if wanted.box is not None:
        conditions += _rounded_in_box(wanted.box)
    if wanted.circle is not None:
        conditions += [*_rounded_in_box(wanted.circle.box), is_within(wanted.circle, _LAT, _LON)]
    return select(*columns).where(*conditions).order_by(_c.received_at.desc(), _c.code.desc())


def _rounded_in_box(box: Box) -> list[ColumnElement[bool]]:
    """First by the index, in a box that is larger by what rounding moves at most."""
    less, more = -1 / PER_DEGREE, 1 / PER_DEGREE
    larger = Box(box.west + less, box.south + less, box.east + more, box.north + more)
    exactly = and_(_LAT.between(box.south, box.north), _LON.between(box.west, box.east))
    # Most of what is in the one is in the other. Left bare, the planner takes it for a rare thing.
    return [*in_box(larger), func.coalesce(exactly, false())]
