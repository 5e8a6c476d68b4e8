"""SQL of the units."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events.unit import UnitDefined
from scoring_worker.units.domain import Unit

_DEFINE = text(
    """INSERT INTO unit (code, valid_from, valid_to, name, kind)
       SELECT * FROM unnest(CAST(:code AS text[]), CAST(:valid_from AS date[]), CAST(:valid_to AS date[]),
                            CAST(:name AS text[]), CAST(:kind AS text[]))
       ON CONFLICT (code, valid_from)
       DO UPDATE SET valid_to = EXCLUDED.valid_to, name = EXCLUDED.name, kind = EXCLUDED.kind"""
)
_BY_CODE = text("SELECT code, name, kind, valid_from, valid_to FROM unit WHERE code = ANY(CAST(:codes AS text[]))")


async def define(conn: AsyncConnection, definitions: Collection[UnitDefined]) -> None:
    """Enter units, or change them; the last of several definitions of one unit is kept."""
    newest = {(unit.code, unit.valid_from or date.min): unit for unit in definitions}
    await conn.execute(
        _DEFINE,
        {
            "code": [code for code, _ in newest],
            "valid_from": [valid_from for _, valid_from in newest],
            "valid_to": [unit.valid_to for unit in newest.values()],
            "name": [unit.name for unit in newest.values()],
            "kind": [unit.kind for unit in newest.values()],
        },
    )


async def by_code(conn: AsyncConnection, codes: Collection[str]) -> dict[str, list[Unit]]:
    """Every unit that ever held one of the codes."""
    found: dict[str, list[Unit]] = {}
    for code, name, kind, valid_from, valid_to in await conn.execute(_BY_CODE, {"codes": list(codes)}):
        found.setdefault(code, []).append(Unit(code, name, UnitKind(kind), valid_from, valid_to))
    return found
