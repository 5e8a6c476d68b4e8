"""Dossiers of a year counted as they stood at the end of a month, by what was known at a moment."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Text, and_, cast, literal, null, select, union, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.months import Month
from dossiers_api.dossiers import repository as dossiers
from dossiers_api.dossiers.domain import Delivery
from dossiers_api.dossiers.models import delivery, dossier
from dossiers_api.procedures.models import entry
from dossiers_api.publications.domain import Cell, Counts
from dossiers_api.statistics.domain import Dimension
from dossiers_api.statistics.repository import counts_at, group_by

_AT_ONCE: Final = 1000
"""Dossiers whose deliveries are read together."""
_DIMENSIONS: Final = (Dimension.MONTH, Dimension.UNIT, Dimension.CHANNEL, Dimension.FIELD)


class Span(NamedTuple):
    """Dossiers received from `since` on and before `until`, as they stood then, by what was known before `known`."""

    since: datetime
    until: datetime
    known: datetime


class Counted(NamedTuple):
    """Cells of the dossiers that stand now as they stood then, and the codes of those that may not."""

    cells: list[Cell]
    others: list[str]


async def counted(conn: AsyncConnection, span: Span, timezone: str) -> Counted:
    """One statement, so one picture: a delivery that comes meanwhile moves no dossier from one to the other."""
    others = _others(span).cte("others")
    groups = [group_by(each, timezone).label(each) for each in _DIMENSIONS]
    figures = counts_at(span.until)
    unmoved = and_(_received(span), dossier.c.code.not_in(select(others.c.code)))
    nobody = cast(null(), Text)
    cells = select(nobody.label("code"), *groups, *figures).where(unmoved).group_by(*groups)
    named = select(others.c.code, *(nobody for _ in groups), *(literal(0) for _ in figures))
    found = Counted([], [])
    rows: Iterable[Any] = await conn.execute(union_all(cells, named))
    for code, month, unit, channel, field, *numbers in rows:
        if code is None:
            found.cells.append(Cell(Month.of(month), unit, channel, field, Counts(*numbers)))
        else:
            found.others.append(code)
    return found


async def known_of(
    conn: AsyncConnection, codes: Sequence[str], known: datetime
) -> AsyncIterator[Mapping[str, Sequence[Delivery]]]:
    """All that was known of these dossiers before a moment, some dossiers at a time."""
    for first in range(0, len(codes), _AT_ONCE):
        yield await dossiers.said_of(conn, codes[first : first + _AT_ONCE], known)


async def field_names(conn: AsyncConnection) -> Mapping[str, str]:
    """Fields by their codes, as decisions named them last."""
    c = entry.c
    named = select(c.field, c.field_name).where(c.field.is_not(None), c.field_name.is_not(None))
    rows = await conn.execute(named.order_by(c.effective_on, c.number, c.procedure))
    return {row.field: row.field_name for row in rows}


def _others(span: Span) -> CompoundSelect[str]:
    """Codes of dossiers of which something was recorded since, or that took their status after they are counted."""
    recorded_since = select(delivery.c.code).where(delivery.c.recorded_at >= span.known)
    moved_since = select(dossier.c.code).where(_received(span), dossier.c.at >= span.until)
    return union(recorded_since, moved_since)


def _received(span: Span) -> ColumnElement[bool]:
    # Where a dossier stands in lists is when it was received, and that has an index.
    c = dossier.c
    return and_(c.received_at.is_not(None), c.sort_at >= span.since, c.sort_at < span.until)
