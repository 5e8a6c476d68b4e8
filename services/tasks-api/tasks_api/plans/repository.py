"""Queries and writes of plans."""

import msgspec
from sqlalchemy import RowMapping, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import record
from tasks_api.plans.domain import Plan
from tasks_api.plans.models import plans


async def new_id(conn: AsyncConnection) -> int:
    query = select(func.nextval(func.pg_get_serial_sequence(plans.name, plans.c.id.name)))
    return int((await conn.execute(query)).scalar_one())


async def add(conn: AsyncConnection, plan: Plan) -> bool:
    """Insert the plan; False when somebody else imported that document in the meantime."""
    statement = insert(plans).values(msgspec.structs.asdict(plan))
    statement = statement.on_conflict_do_nothing(index_elements=["document_no", "issued_year"])
    return (await conn.execute(statement.returning(plans.c.id))).first() is not None


async def by_document(conn: AsyncConnection, document_no: str, issued_year: int) -> Plan | None:
    query = select(plans).where(plans.c.document_no == document_no, plans.c.issued_year == issued_year)
    return _plan((await conn.execute(query)).mappings().first())


async def get(conn: AsyncConnection, code: str) -> Plan | None:
    return _plan((await conn.execute(select(plans).where(plans.c.code == code))).mappings().first())


async def page(conn: AsyncConnection, *, document_no: str | None, before: int | None, limit: int) -> list[Plan]:
    """Plans newest first, beginning before an id."""
    query = select(plans).order_by(plans.c.id.desc()).limit(limit)
    if document_no is not None:
        query = query.where(plans.c.document_no == document_no)
    if before is not None:
        query = query.where(plans.c.id < before)
    return [plan for row in (await conn.execute(query)).mappings() if (plan := _plan(row))]


def _plan(row: RowMapping | None) -> Plan | None:
    return record(row, Plan) if row else None
