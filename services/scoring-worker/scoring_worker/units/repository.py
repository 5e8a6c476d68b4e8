"""Reading and writing units."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events.unit import UnitDefined
from scoring_worker.columns import among
from scoring_worker.units.domain import Unit
from scoring_worker.units.models import unit as table

_INSERT = insert(table)
_DEFINE = _INSERT.on_conflict_do_update(
    index_elements=list(table.primary_key.columns),
    set_={name: _INSERT.excluded[name] for name in ("valid_to", "name", "kind", "parent")},
)


async def define(conn: AsyncConnection, definitions: Collection[UnitDefined]) -> None:
    """Enter units, or change them; the last of several definitions of one unit is stored."""
    newest = {(unit.code, unit.valid_from or date.min): unit for unit in definitions}
    await conn.execute(
        _DEFINE,
        [
            {
                "code": code,
                "valid_from": since,
                "valid_to": unit.valid_to,
                "name": unit.name,
                "kind": unit.kind,
                "parent": unit.parent,
            }
            for (code, since), unit in newest.items()
        ],
    )


async def there(conn: AsyncConnection, kinds: Collection[UnitKind], first: date, last: date) -> set[str]:
    """The codes of the units of these kinds that were valid on some day of a span."""
    valid = (table.c.valid_from <= last, or_(table.c.valid_to.is_(None), table.c.valid_to >= first))
    rows = await conn.execute(select(table.c.code).where(among(table.c.kind, kinds), *valid))
    return set(rows.scalars())


async def by_code(conn: AsyncConnection, codes: Iterable[str]) -> dict[str, list[Unit]]:
    """Every unit that ever held one of the codes."""
    found: dict[str, list[Unit]] = {}
    columns = (table.c.code, table.c.name, table.c.kind, table.c.valid_from, table.c.valid_to, table.c.parent)
    for code, name, kind, since, until, above in await conn.execute(select(*columns).where(among(table.c.code, codes))):
        found.setdefault(code, []).append(Unit(code, name, UnitKind(kind), since, until, above))
    return found
