"""Queries and writes of inspections, their conclusions and recommendations. What a reader may know is decided here in
SQL, in every statement that reads for somebody, by the two conditions at the end."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import RecommendationStatus
from cchc_shared.contract.transitions import Change
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.storage.records import record, records
from tasks_api.inspections.access import Reader
from tasks_api.inspections.domain import Conclusion, Inspection, Recommendation, Tree
from tasks_api.inspections.models import (
    conclusions,
    inspection_history,
    inspections,
    recommendation_history,
    recommendations,
)
from tasks_api.inspections.schemas import InspectionQuery, RecommendationQuery

_i, _c, _r = inspections.c, conclusions.c, recommendations.c


class TreeCounts(NamedTuple):
    """Conclusions, and how many are open; recommendations, and how many are open, reported, overdue; and how many of
    those stand below an open conclusion, all and open."""

    conclusions: int
    open_conclusions: int
    total: int
    still_open: int
    reported: int
    overdue: int
    total_below_open: int
    still_open_below_open: int


async def new_ids(conn: AsyncConnection, table: Table, count: int) -> list[int]:
    """Ids for rows that are about to be inserted."""
    sequence = func.pg_get_serial_sequence(table.name, "id")
    return list(await conn.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))))


async def add(conn: AsyncConnection, inspection: Inspection, entry: HistoryEntry) -> None:
    await conn.execute(insert(inspections).values(_values(inspection)))
    await add_history(conn, inspection.id, entry)


async def update_inspection(conn: AsyncConnection, inspection: Inspection) -> None:
    await conn.execute(update(inspections).where(_i.id == inspection.id).values(_values(inspection)))


async def add_history(conn: AsyncConnection, inspection_id: int, entry: HistoryEntry) -> None:
    await conn.execute(insert(inspection_history).values(inspection_id=inspection_id, **entry.values()))


async def add_tree(
    conn: AsyncConnection, found: Sequence[Conclusion], issued: Iterable[tuple[Change[Recommendation], HistoryEntry]]
) -> None:
    """The conclusions of one inspection, with their recommendations as they were issued."""
    await conn.execute(insert(conclusions), [msgspec.structs.asdict(each) for each in found])
    rows = list(issued)
    if rows:
        await conn.execute(insert(recommendations), [_values(change.after) for change, _ in rows])
        history = [_history(change.after, entry) for change, entry in rows]
        await conn.execute(insert(recommendation_history), history)


async def update_recommendation(conn: AsyncConnection, recommendation: Recommendation, entry: HistoryEntry) -> None:
    await conn.execute(update(recommendations).where(_r.id == recommendation.id).values(_values(recommendation)))
    await conn.execute(insert(recommendation_history).values(_history(recommendation, entry)))


async def get(conn: AsyncConnection, code: str, reader: Reader, *, lock: bool = False) -> Inspection | None:
    """The inspection, if there is one that this reader may know of."""
    query = select(inspections).where(_i.code == code, may_know(reader))
    if lock:
        query = query.with_for_update(key_share=True)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Inspection)


async def get_recommendation(
    conn: AsyncConnection, code: str, reader: Reader, *, lock: bool = False
) -> Recommendation | None:
    """The recommendation, if there is one that this reader may read."""
    query = select(recommendations).where(_r.code == code, may_read(reader))
    if lock:
        query = query.with_for_update(key_share=True)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Recommendation)


async def tree(conn: AsyncConnection, code: str) -> Tree:
    """The conclusions of an inspection with all their recommendations, in the order of their numbers."""
    found = select(conclusions).where(_c.inspection == code).order_by(_c.number)
    below = select(recommendations).where(_r.inspection == code).order_by(_r.conclusion, _r.number)
    return Tree(records(await conn.execute(found), Conclusion), records(await conn.execute(below), Recommendation))


async def page(conn: AsyncConnection, wanted: InspectionQuery, reader: Reader, before: int | None) -> list[Inspection]:
    """Inspections that this reader may know of, newest first, beginning before an id; one more than the page holds."""
    query = _newest(select(inspections), _i.id, before, wanted.limit).where(may_know(reader), *_asked(wanted))
    return records(await conn.execute(query), Inspection)


async def page_of_recommendations(
    conn: AsyncConnection, wanted: RecommendationQuery, reader: Reader, now: datetime, before: int | None
) -> list[Recommendation]:
    """Recommendations that this reader may read, newest first, beginning before an id; one more than the page holds."""
    query = _newest(select(recommendations), _r.id, before, wanted.limit)
    query = query.where(may_read(reader), *_asked_of_recommendations(wanted, now))
    return records(await conn.execute(query), Recommendation)


async def history_of(conn: AsyncConnection, inspection_id: int) -> Sequence[Row[Any]]:
    query = select(inspection_history).where(inspection_history.c.inspection_id == inspection_id)
    return (await conn.execute(query.order_by(inspection_history.c.version))).all()


async def history_of_recommendation(conn: AsyncConnection, recommendation_id: int) -> Sequence[Row[Any]]:
    query = select(recommendation_history).where(recommendation_history.c.recommendation_id == recommendation_id)
    return (await conn.execute(query.order_by(recommendation_history.c.version))).all()


async def count_inspections(
    conn: AsyncConnection, reader: Reader, unit: str | None, before: datetime
) -> Sequence[Row[Any]]:
    """Status, unannounced, and how many stood so at that instant, of those that the reader may know of today."""
    then = _last(inspection_history, inspection_history.c.inspection_id, before)
    query = (
        select(then.c.status, _i.unannounced, func.count().label("inspections"))
        .join_from(inspections, then, then.c.inspection_id == _i.id)
        .where(may_know(reader), true() if unit is None else _i.inspected_unit == unit)
        .group_by(then.c.status, _i.unannounced)
    )
    return (await conn.execute(query)).all()


async def count_tree(conn: AsyncConnection, reader: Reader, unit: str | None, before: datetime) -> TreeCounts:
    """How many conclusions and recommendations stood how at that instant, the end of a local day.

    A conclusion is open while any of its recommendations is, also one that the reader or the unit has no part in.
    """
    h = recommendation_history.c
    then = _last(recommendation_history, h.recommendation_id, before, h.unit, h.due_at)
    due_at = func.coalesce(then.c.due_at, _r.due_at)
    still_open = then.c.status != RecommendationStatus.DONE
    in_time = and_(then.c.status == RecommendationStatus.REPORTED, then.c["at"] < due_at)
    counted = and_(may_read(reader), true() if unit is None else then.c.unit == unit)
    below = (
        select(
            _r.inspection,
            _r.conclusion,
            func.bool_or(still_open).label("open"),
            func.count().filter(counted).label("total"),
            func.count().filter(counted, still_open).label("still_open"),
            func.count().filter(counted, then.c.status == RecommendationStatus.REPORTED).label("reported"),
            func.count().filter(counted, still_open, due_at < before, ~in_time).label("overdue"),
        )
        .join_from(recommendations, then, then.c.recommendation_id == _r.id)
        .group_by(_r.inspection, _r.conclusion)
        .subquery()
    )
    is_open = func.coalesce(below.c.open, false())
    shown = and_(_may_read_conclusion(reader), true() if unit is None else _c.responsible_unit == unit)

    def total(column: ColumnElement[int]) -> ColumnElement[int]:
        return func.coalesce(func.sum(column), 0)

    def below_open(column: ColumnElement[int]) -> ColumnElement[int]:
        return func.coalesce(func.sum(column).filter(is_open), 0)

    query = (
        select(
            func.count().filter(shown).label("conclusions"),
            func.count().filter(shown, is_open).label("open_conclusions"),
            total(below.c.total).label("total"),
            total(below.c.still_open).label("still_open"),
            total(below.c.reported).label("reported"),
            total(below.c.overdue).label("overdue"),
            below_open(below.c.total).label("total_below_open"),
            below_open(below.c.still_open).label("still_open_below_open"),
        )
        .select_from(
            conclusions.join(inspections, _i.code == _c.inspection).outerjoin(
                below, and_(below.c.inspection == _c.inspection, below.c.conclusion == _c.number)
            )
        )
        .where(_i.concluded_at < before)
    )
    return TreeCounts(*(await conn.execute(query)).one())


def may_know(reader: Reader) -> ColumnElement[bool]:
    """Which inspections a reader may know of: the one rule by which an unannounced one stays hidden."""
    revealed = _i.revealed_at.is_not(None)
    allowed = [_i.inspecting_unit == reader.works_in, and_(_i.inspected_unit == reader.works_in, revealed)]
    if reader.oversees:
        allowed.append(revealed)
    if reader.plans:
        allowed.append(true() if reader.own is None else _i.inspected_unit != reader.own)
    return or_(*allowed)


def may_read(reader: Reader) -> ColumnElement[bool]:
    """Which recommendations a reader may read. There are none before an inspection is concluded."""
    if reader.oversees:
        return true()
    unit = reader.works_in
    return or_(_r.responsible_unit == unit, _r.inspecting_unit == unit, _r.inspected_unit == unit)


def _may_read_conclusion(reader: Reader) -> ColumnElement[bool]:
    if reader.oversees:
        return true()
    unit = reader.works_in
    return or_(_c.responsible_unit == unit, _i.inspecting_unit == unit, _i.inspected_unit == unit)


def _last(history: Table, key: ColumnElement[int], before: datetime, *more: ColumnElement[Any]) -> Any:
    """The last change of each thing before an instant: its id, its status, when it happened, and more."""
    query = select(key, history.c.status, history.c["at"], *more).ext(distinct_on(key)).where(history.c["at"] < before)
    return query.order_by(key, history.c.version.desc()).subquery()


def _newest(query: Select[Any], key: ColumnElement[int], before: int | None, limit: int) -> Select[Any]:
    if before is not None:
        query = query.where(key < before)
    return query.order_by(key.desc()).limit(limit + 1)


def _asked(wanted: InspectionQuery) -> Iterator[ColumnElement[bool]]:
    if wanted.inspected_unit:
        yield _i.inspected_unit == wanted.inspected_unit
    if wanted.inspecting_unit:
        yield _i.inspecting_unit == wanted.inspecting_unit
    if wanted.status:
        yield _i.status == wanted.status.value
    if wanted.unannounced is not None:
        yield _i.unannounced.is_(wanted.unannounced)
    if wanted.planned_from:
        yield _i.planned_to >= wanted.planned_from
    if wanted.planned_to:
        yield _i.planned_from <= wanted.planned_to


def _asked_of_recommendations(wanted: RecommendationQuery, now: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.unit:
        yield _r.responsible_unit == wanted.unit
    if wanted.inspection:
        yield _r.inspection == wanted.inspection
    if wanted.status:
        yield _r.status == wanted.status.value
    if wanted.due_from:
        yield _r.due_on >= wanted.due_from
    if wanted.due_to:
        yield _r.due_on <= wanted.due_to
    if wanted.overdue is not None:
        # Written as in the partial index of open ones, so that the planner uses it.
        in_time = and_(_r.status == RecommendationStatus.REPORTED.value, _r.reported_at < _r.due_at)
        late = and_(_r.status != literal_column("'done'"), _r.due_at <= now, ~in_time)
        yield late if wanted.overdue else ~late


def _history(recommendation: Recommendation, entry: HistoryEntry) -> dict[str, Any]:
    return {"recommendation_id": recommendation.id, "due_at": recommendation.due_at} | entry.values()


def _values(thing: Inspection | Recommendation) -> dict[str, Any]:
    return msgspec.structs.asdict(thing) | {"status": thing.status.value}
