"""Reports that may tell the same, in the database: few enough to be compared one by one."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.storage.records import records
from feedback_api.places.domain import METRES_PER_DEGREE, Position
from feedback_api.reports.domain import ENDED, Erased, Feedback
from feedback_api.reports.location import Circle, in_box
from feedback_api.reports.models import feedback
from feedback_api.reports.repository import IN_THE_OPEN, PUBLISHED
from feedback_api.similar.domain import COMPARED, Told
from feedback_api.similar.rules import NearbyRule, SimilarRule

_CONTENT: Final = func.left(feedback.c.content, COMPARED).label("content")
_TOLD: Final = [_CONTENT if name == "content" else feedback.c[name] for name in Told.__struct_fields__]
_WITH_WORDS: Final = feedback.c.erased.is_distinct_from(Erased.TEXT)
LOOKED_AT_NEARBY: Final = 500
"""So many reports near a place are looked at, newest first."""


class Near(msgspec.Struct, frozen=True):
    """What everyone may know of a report, before its place is rounded."""

    code: str
    category: str | None
    status: FeedbackStatus
    received_at: datetime
    lat: float
    lon: float


class Period(NamedTuple):
    """Two instants, both included."""

    since: datetime
    until: datetime


async def candidates(conn: AsyncConnection, report: Feedback, rule: SimilarRule) -> Sequence[Told]:
    """Reports of about the same time that are near, or of the same category where one of the two has no place.

    At most twice `rule.looked_at`, newest first. None is refused or a duplicate itself.
    """
    c, reach = feedback.c, timedelta(days=rule.within_days)
    those = (
        c.code != report.code,
        c.ended_at.is_(None),
        c.part_of.is_(None),
        _WITH_WORDS,
        _received(Period(report.received_at - reach, report.received_at + reach)),
    )
    alike = c.category == report.category if report.category is not None else c.kind == report.kind
    found: list[Told] = []
    if report.lat is not None and report.lon is not None:
        found += await _newest(
            conn, [*those, *_around(Position(report.lat, report.lon), rule.within_m)], rule.looked_at
        )
        alike = and_(alike, or_(c.lat.is_(None), c.lon.is_(None)))
    return found + await _newest(conn, [*those, alike], rule.looked_at)


async def _newest(conn: AsyncConnection, conditions: Collection[ColumnElement[bool]], limit: int) -> list[Told]:
    query = select(*_TOLD).where(*conditions).order_by(feedback.c.received_at.desc(), feedback.c.code.desc())
    return records(await conn.execute(query.limit(limit)), Told)


async def whole(conn: AsyncConnection, codes: Collection[str]) -> dict[str, Feedback]:
    """These reports, by code."""
    rows = await conn.execute(select(feedback).where(feedback.c.code.in_(codes)))
    return {each.code: each for each in records(rows, Feedback)}


async def near(
    conn: AsyncConnection, place: Position, category: str | None, since: datetime, rule: NearbyRule
) -> Sequence[Near]:
    """Open and published reports that everyone may know of, near a place, newest first."""
    c = feedback.c
    # What is near by its rounded place may lie half a step farther away.
    step = METRES_PER_DEGREE / 10**rule.decimals
    conditions = [
        *_around(place, rule.within_m + step),
        IN_THE_OPEN,
        c.received_at >= since,
        c.kind.in_(rule.kinds),
        or_(c.category.is_(None), c.category.not_in(rule.hidden_categories)),
        or_(c.status.not_in(ENDED), PUBLISHED),
    ]
    if category is not None:
        conditions.append(c.category == category)
    columns = [c[name] for name in Near.__struct_fields__]
    newest = select(*columns).where(*conditions).order_by(c.received_at.desc(), c.code.desc())
    return records(await conn.execute(newest.limit(LOOKED_AT_NEARBY)), Near)


def _around(place: Position, metres: float) -> list[ColumnElement[bool]]:
    return in_box(Circle(place.lat, place.lon, metres).box)


def _received(period: Period) -> ColumnElement[bool]:
    return feedback.c.received_at.between(period.since, period.until)
