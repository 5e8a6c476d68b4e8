"""Targets and their values in the database: versions are added, and none is changed."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import records
from tasks_api.plans.models import plans
from tasks_api.targets.domain import Target, Value
from tasks_api.targets.models import plan_targets, target_values

_T, _V = plan_targets.c, target_values.c


async def assigning_unit(conn: AsyncConnection, plan: str, *, lock: bool = False) -> str | None:
    """The unit whose plan it is; None if there is no such plan. Whoever locks it, changes its targets alone."""
    query = select(plans.c.assigning_unit).where(plans.c.code == plan)
    unit: str | None = await conn.scalar(query.with_for_update(key_share=True) if lock else query)
    return unit


async def add(conn: AsyncConnection, target: Target) -> None:
    """Store a version. The caller holds the plan."""
    await conn.execute(insert(plan_targets).values(msgspec.structs.asdict(target)))


async def add_value(conn: AsyncConnection, value: Value) -> None:
    """Store a version of a value. The caller holds the plan."""
    await conn.execute(insert(target_values).values(msgspec.structs.asdict(value)))


async def of_plan(conn: AsyncConnection, plan: str) -> Sequence[Target]:
    """The newest versions of all targets of a plan, in the order in which they were set."""
    query = select(plan_targets).ext(distinct_on(_T.id)).where(_T.plan == plan).order_by(_T.id, _T.version.desc())
    return records(await conn.execute(query), Target)


async def versions(conn: AsyncConnection, plan: str, id_: UUID) -> Sequence[Target]:
    """All versions of a target, oldest first."""
    query = select(plan_targets).where(_T.plan == plan, _T.id == id_).order_by(_T.version)
    return records(await conn.execute(query), Target)


async def values(conn: AsyncConnection, targets: Collection[UUID]) -> dict[UUID, list[Value]]:
    """By target: the newest version of the value of each period."""
    query = (
        select(target_values)
        .ext(distinct_on(_V.target, _V.period))
        .where(_V.target.in_(targets))
        .order_by(_V.target, _V.period, _V.version.desc())
    )
    found: dict[UUID, list[Value]] = {}
    for value in records(await conn.execute(query), Value):
        found.setdefault(value.target, []).append(value)
    return found


async def all_values(conn: AsyncConnection, target: UUID) -> Sequence[Value]:
    """Every version of every value of a target, as they were reported."""
    query = select(target_values).where(_V.target == target).order_by(_V["at"], _V.version)
    return records(await conn.execute(query), Value)


async def versions_of_value(conn: AsyncConnection, target: UUID, period: str) -> int:
    """How many versions the value of a period has."""
    query = select(func.count()).where(_V.target == target, _V.period == period)
    return int((await conn.execute(query)).scalar_one())
