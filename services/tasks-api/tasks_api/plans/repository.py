"""Queries and writes of plans, their versions and rows, and of answers that were kept."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, Select, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import record, records
from tasks_api.plans.domain import Answers, Plan, PlanRow, PlanVersion, RowState, key_of
from tasks_api.plans.models import learned_answers, plan_rows, plan_versions, plans
from tasks_api.tasks.models import task_parties, tasks

_ROW = tuple(column for column in plan_rows.c if column.name not in {"plan_id", "document", "note"})


async def new_id(conn: AsyncConnection) -> int:
    query = select(func.nextval(func.pg_get_serial_sequence(plans.name, plans.c.id.name)))
    return int((await conn.execute(query)).scalar_one())


async def add(conn: AsyncConnection, plan: Plan) -> bool:
    """Insert the plan; False when somebody else imported that document in the meantime."""
    statement = upsert(plans).values(msgspec.structs.asdict(plan)).on_conflict_do_nothing(index_elements=["identity"])
    return (await conn.execute(statement.returning(plans.c.id))).first() is not None


async def save(conn: AsyncConnection, plan: Plan) -> None:
    await conn.execute(update(plans).where(plans.c.id == plan.id).values(msgspec.structs.asdict(plan)))


async def by_document(conn: AsyncConnection, identity: str, digest: bytes) -> Plan | None:
    """The plan with that identity, or which has this very document among its versions."""
    of_digest = select(plan_versions.c.plan_id).where(plan_versions.c.digest == digest)
    query = select(plans).where(or_(plans.c.identity == identity, plans.c.id.in_(of_digest))).order_by(plans.c.id)
    return _plan((await conn.execute(query.limit(1))).mappings().first())


async def get(conn: AsyncConnection, code: str, *, lock: bool = False) -> Plan | None:
    query = select(plans).where(plans.c.code == code)
    if lock:
        query = query.with_for_update(key_share=True)
    return _plan((await conn.execute(query)).mappings().first())


async def with_those_under(conn: AsyncConnection, code: str) -> list[str]:
    """The plan and all that stand under it at any depth, in the order of their import."""
    found = select(plans.c.id, plans.c.code).where(plans.c.code == code).cte("found", recursive=True)
    below = plans.alias()
    found = found.union(select(below.c.id, below.c.code).where(below.c.parent == found.c.code))
    return list(await conn.scalars(select(found.c.code).order_by(found.c.id)))


async def page(conn: AsyncConnection, *, document_no: str | None, before: int | None, limit: int) -> list[Plan]:
    """Plans newest first, beginning before an id."""
    query = select(plans).order_by(plans.c.id.desc()).limit(limit)
    if document_no is not None:
        query = query.where(plans.c.document_no == document_no)
    if before is not None:
        query = query.where(plans.c.id < before)
    return records(await conn.execute(query), Plan)


async def add_version(conn: AsyncConnection, plan: Plan, version: PlanVersion, rows: Sequence[PlanRow]) -> None:
    """A document of the plan, with its rows."""
    await conn.execute(insert(plan_versions), [_builtins(version) | {"plan_id": plan.id}])
    values = [_builtins(row) | {"plan_id": plan.id, "document": version.document} for row in rows]
    if values:
        await conn.execute(insert(plan_rows), values)


async def versions(conn: AsyncConnection, plan: Plan) -> list[PlanVersion]:
    """All documents of the plan, the first one first."""
    columns = [column for column in plan_versions.c if column.name != "plan_id"]
    query = select(*columns).where(plan_versions.c.plan_id == plan.id).order_by(plan_versions.c.document)
    return records(await conn.execute(query), PlanVersion)


async def last_number(conn: AsyncConnection, plan: Plan) -> int:
    """The highest running number that a row of any of the plan's documents has, or one of its tasks."""
    of_rows = select(func.max(plan_rows.c.number)).where(plan_rows.c.plan_id == plan.id).scalar_subquery()
    of_tasks = select(func.max(tasks.c.number)).where(tasks.c.plan == plan.code).scalar_subquery()
    return int(await conn.scalar(select(func.coalesce(func.greatest(of_rows, of_tasks), 0))) or 0)


async def number_of(conn: AsyncConnection, plan: Plan, digest: bytes) -> int | None:
    """Which of the plan's documents has that digest, the last one first; None if it has none such."""
    v = plan_versions.c
    query = select(v.document).where(v.plan_id == plan.id, v.digest == digest).order_by(v.document.desc())
    number: int | None = await conn.scalar(query.limit(1))
    return number


async def rows(
    conn: AsyncConnection,
    plan: Plan,
    *,
    document: int | None = None,
    state: RowState | None = None,
    after: int = 0,
    limit: int | None = None,
    reader: str | None = None,
) -> list[PlanRow]:
    """Rows of a document of the plan (its last when None) in the order of the document, beginning after a line.

    A `reader` is a unit: it gets the rows of whose tasks it takes part.
    """
    r = plan_rows.c
    query = select(*_ROW).where(r.plan_id == plan.id, r.document == (document or plan.documents), r.line > after)
    if state is not None:
        query = query.where(r.state == state.value)
    if reader is not None:
        query = query.where(_readable(reader).where(tasks.c.code == func.any(r.tasks)).exists())
    return records(await conn.execute(query.order_by(r.line).limit(limit)), PlanRow)


async def readable(conn: AsyncConnection, plan: Plan, reader: str) -> set[str]:
    """Codes of the plan's tasks of which this unit takes part."""
    return set((await conn.scalars(_readable(reader).where(tasks.c.plan == plan.code))).all())


async def row(conn: AsyncConnection, plan: Plan, line: int) -> PlanRow | None:
    """A row of the plan's last document."""
    r = plan_rows.c
    query = select(*_ROW).where(r.plan_id == plan.id, r.document == plan.documents, r.line == line)
    found = (await conn.execute(query)).mappings().first()
    return None if found is None else record(found, PlanRow)


async def save_row(conn: AsyncConnection, plan: Plan, changed: PlanRow, note: str = "") -> None:
    """Store what became of a row of the plan's last document."""
    r = plan_rows.c
    statement = update(plan_rows).where(r.plan_id == plan.id, r.document == plan.documents, r.line == changed.line)
    await conn.execute(statement.values(state=changed.state.value, tasks=list(changed.tasks), note=note))


async def learned(conn: AsyncConnection, owner: str) -> Answers:
    """What was answered before and kept: by the city's office, and by the unit itself, whose own words count first."""
    a = learned_answers.c
    query = select(a.kind, a.wording, a.meaning).where(a.owner.in_({"", owner})).order_by(a.owner, a.wording)
    columns: dict[str, str] = {}
    units: dict[str, tuple[str, ...]] = {}
    for kind, wording, meaning in await conn.execute(query):
        if kind == _COLUMN:
            columns[wording] = meaning[0] if meaning else ""
        else:
            units[wording] = tuple(meaning)
    return Answers(columns=columns, units=units)


async def learn(conn: AsyncConnection, owner: str, answers: Answers, at: datetime, by: str) -> None:
    """Keep these answers about headings and units for later documents; the last one counts."""
    said: list[tuple[str, str, list[str]]] = [
        *((_COLUMN, heading, [field] if field else []) for heading, field in answers.columns.items()),
        *((_UNIT, wording, list(codes)) for wording, codes in answers.units.items()),
    ]
    kept = {
        (kind, key_of(wording)): {
            "owner": owner,
            "kind": kind,
            "key": key_of(wording),
            "wording": wording,
            "meaning": meaning,
            "learned_at": at,
            "learned_by": by,
        }
        for kind, wording, meaning in said
    }
    if not kept:
        return
    statement = upsert(learned_answers)
    changed = {name: statement.excluded[name] for name in ("wording", "meaning", "learned_at", "learned_by")}
    statement = statement.on_conflict_do_update(index_elements=["owner", "kind", "key"], set_=changed)
    await conn.execute(statement, list(kept.values()))


_COLUMN, _UNIT = "column", "unit"


def _plan(found: RowMapping | None) -> Plan | None:
    return record(found, Plan) if found else None


def _builtins(value: PlanRow | PlanVersion) -> dict[str, Any]:
    """The columns of a row; what is nested stands as JSON."""
    columns: dict[str, Any] = msgspec.to_builtins(value, builtin_types=(datetime, date, bytes))
    return columns


def _readable(reader: str) -> Select[str]:
    parties = task_parties.c
    return select(tasks.c.code).join(task_parties, parties.task_id == tasks.c.id).where(parties.unit == reader)
