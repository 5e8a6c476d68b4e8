"""The projected units in the database: defined by events, read as a whole."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events import Event
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.directory.domain import Unit, Units
from cchc_shared.directory.models import units


async def define(conn: AsyncConnection, events: Sequence[Event]) -> None:
    """Store each unit as the last of these `UnitDefined` events defines it."""
    last = {event.subject: _row(event, event.data) for event in events if isinstance(event.data, UnitDefined)}
    statement = insert(units)
    changed = {column.name: statement.excluded[column.name] for column in units.c if not column.primary_key}
    await conn.execute(
        statement.on_conflict_do_update(index_elements=[units.c.subject], set_=changed), list(last.values())
    )


def _row(event: Event, unit: UnitDefined) -> dict[str, object]:
    return {
        "subject": event.subject,
        "version": event.version,
        "code": unit.code,
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
        "name": unit.name,
        "kind": unit.kind,
        "successors": list(unit.successors),
    }


async def every(conn: AsyncConnection) -> Units:
    """All units."""
    c = units.c
    rows = await conn.execute(select(c.code, c.valid_from, c.valid_to, c.name, c.kind, c.successors))
    return Units(
        Unit(code, since, until, name, kind and UnitKind(kind), tuple(successors))
        for code, since, until, name, kind, successors in rows
    )
