"""Progress rows and steps in the database."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, case, cast, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as insert_new
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import record
from dossiers_api.dossiers.models import dossier
from dossiers_api.steps.domain import Row, Step
from dossiers_api.steps.models import progress, step

_ROW = msgspec.json.Decoder(Row)


async def rows_of(conn: AsyncConnection, codes: Collection[str]) -> Mapping[str, list[Row]]:
    """Every progress row of these dossiers."""
    found: dict[str, list[Row]] = defaultdict(list)
    query = select(progress.c.code, cast(progress.c.content, Text)).where(_any(progress.c.code, codes))
    for code, content in await conn.execute(query):
        found[code].append(_ROW.decode(content))
    return found


async def keep(conn: AsyncConnection, said: Sequence[tuple[str, Row]], sent_by: str, recorded_at: datetime) -> None:
    """Add rows."""
    if said:
        own = {"sent_by": sent_by, "recorded_at": recorded_at}
        rows = [
            {"code": code, "started_at": each.started_at, "office": each.office, "at": each.at}
            | {"content": msgspec.to_builtins(each), **own}
            for code, each in said
        ]
        await conn.execute(insert(progress), rows)


async def steps_of(conn: AsyncConnection, codes: Collection[str]) -> Mapping[str, list[Step]]:
    """The steps of these dossiers, in the order in which they began."""
    found: dict[str, list[Step]] = defaultdict(list)
    query = select(step).where(_any(step.c.code, codes)).order_by(step.c.code, step.c.started_at, step.c.office)
    for row in (await conn.execute(query)).mappings():
        found[row["code"]].append(record(row, Step))
    return found


async def save(conn: AsyncConnection, changed: Sequence[tuple[str, Step]]) -> None:
    """Add or store steps of dossiers that are locked."""
    if changed:
        rows = [{"code": code, **msgspec.structs.asdict(each)} for code, each in changed]
        given = insert_new(step)
        others = {column.name: given.excluded[column.name] for column in step.c if not column.primary_key}
        await conn.execute(given.on_conflict_do_update(index_elements=["code", "number"], set_=others), rows)


async def counts(
    conn: AsyncConnection,
    by: Sequence[str],
    *,
    unit: str | None,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
) -> list[Mapping[str, object]]:
    """A row for each combination there is, of steps that began from `since` on and before `until`."""
    c = step.c
    columns = {"unit": c.unit, "office": c.office, "procedure": dossier.c.procedure}
    groups = [columns[name].label(name) for name in by]
    dated, over = c.due_at.is_not(None), c.ended_at
    query = select(
        *groups,
        func.count().label("steps"),
        _count("on_time", and_(dated, over < c.due_at)),
        _count("late", and_(dated, over >= c.due_at)),
        _count("overdue_open", and_(dated, over.is_(None), c.due_at <= now)),
        _count("not_due", and_(dated, over.is_(None), c.due_at > now)),
        _count("undated", ~dated),
    ).join(dossier, dossier.c.code == c.code)
    for wanted in (
        [] if unit is None else [c.unit == unit],
        [] if since is None else [c.started_at >= since],
        [] if until is None else [c.started_at < until],
    ):
        query = query.where(*wanted)
    return [dict(row) for row in (await conn.execute(query.group_by(*groups).order_by(*groups))).mappings()]


def _count(name: str, what: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((what, 1))).label(name)


def _any(column: ColumnElement[Any], codes: Collection[str]) -> ColumnElement[bool]:
    return column == any_(literal(list(codes), ARRAY(Text)))
