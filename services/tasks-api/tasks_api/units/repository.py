"""Queries and writes of the directory of units."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, RowMapping, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.wording import unmarked
from cchc_shared.storage.records import fields
from tasks_api.units.domain import Head, Unit
from tasks_api.units.models import unit_heads, units

# PostgreSQL's infinite days, as the driver hands them over.
_BEFORE_RECORDS, _UNTIL_FURTHER_NOTICE = date.min, date.max

_COLUMNS = (
    units.c.code, units.c.valid_from, units.c.valid_to, units.c.name, units.c.kind, units.c.parent,
    units.c.successors, units.c.version,
)  # fmt: skip


_HEAD = (unit_heads.c.name, unit_heads.c.office, unit_heads.c.valid_from, unit_heads.c.valid_to)


class UnitRow(NamedTuple):
    """A unit with the version of its row."""

    unit: Unit
    version: int

    @property
    def tag(self) -> str:
        """Of the entity: units that have one code in turn count their versions each."""
        return f"{self.unit.valid_from}.{self.version}" if self.unit.valid_from else f"{self.version}"


async def lock_directory(conn: AsyncConnection) -> None:
    """Serialise changes of the directory: two concurrent ones could each be free of overlaps, and overlap together."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtext("units"))))


async def with_codes(conn: AsyncConnection, codes: Collection[str]) -> list[UnitRow]:
    """Every unit that ever had one of these codes, by code and period."""
    query = select(*_COLUMNS).where(units.c.code.in_(codes)).order_by(units.c.code, units.c.valid_from)
    return [_unit_row(row) for row in (await conn.execute(query)).mappings()]


async def valid_on(conn: AsyncConnection, day: date) -> list[Unit]:
    query = select(*_COLUMNS).where(_valid_on(day)).order_by(units.c.code)
    return [_unit_row(row).unit for row in (await conn.execute(query)).mappings()]


async def all_periods(conn: AsyncConnection) -> list[Unit]:
    """Every unit that ever was, by code and period."""
    query = select(*_COLUMNS).order_by(units.c.code, units.c.valid_from)
    return [_unit_row(row).unit for row in (await conn.execute(query)).mappings()]


async def names(conn: AsyncConnection, day: date | None = None) -> dict[str, str]:
    """Names by code: of the units valid on a day, or the newest of every code that a unit ever had."""
    query = select(units.c.code, units.c.name).order_by(units.c.code, units.c.valid_from)
    if day is not None:
        query = query.where(_valid_on(day))
    return {row.code: row.name for row in await conn.execute(query)}


async def page(
    conn: AsyncConnection,
    day: date,
    *,
    kind: UnitKind | None,
    q: str | None,
    codes: Collection[str],
    after: str | None,
    limit: int,
) -> list[UnitRow]:
    """Units valid that day by code, beginning after a code; with `q` in the name, or with one of `codes`."""
    query = select(*_COLUMNS).where(_valid_on(day)).order_by(units.c.code).limit(limit)
    if kind:
        query = query.where(units.c.kind == kind)
    if q:
        query = query.where(units.c.search.contains(unmarked(q) or q, autoescape=True) | units.c.code.in_(codes))
    if after:
        query = query.where(units.c.code > after)
    return [_unit_row(row) for row in (await conn.execute(query)).mappings()]


async def save(conn: AsyncConnection, rows: Sequence[UnitRow], changed_at: datetime) -> None:
    """Insert or replace units by (code, valid_from)."""
    statement = insert(units)
    statement = statement.on_conflict_do_update(
        index_elements=["code", "valid_from"],
        set_={column.name: statement.excluded[column.name] for column in units.c if not column.primary_key},
    )
    await conn.execute(statement, [_values(row, changed_at) for row in rows])


async def head_of(conn: AsyncConnection, unit: str, day: date) -> Head | None:
    """The accountable head of the unit that has this code on a day; None if there is no such unit, or none is named."""
    there = select(units.c.code).where(units.c.code == unit, _valid_on(day)).exists()
    h = unit_heads.c
    query = select(*_HEAD).where(h.unit == unit, h.valid_from <= day, h.valid_to >= day, there)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else _head(row)


async def heads_of(conn: AsyncConnection, unit: str) -> list[Head]:
    """Everyone who headed a unit with this code, by first day."""
    query = select(*_HEAD).where(unit_heads.c.unit == unit).order_by(unit_heads.c.valid_from)
    return [_head(row) for row in (await conn.execute(query)).mappings()]


async def replace_heads(conn: AsyncConnection, unit: str, heads: Sequence[Head]) -> None:
    """Make these the heads of the units with this code, and nobody else."""
    await conn.execute(delete(unit_heads).where(unit_heads.c.unit == unit))
    if heads:
        rows = [
            msgspec.structs.asdict(head) | {"unit": unit, "valid_to": head.valid_to or _UNTIL_FURTHER_NOTICE}
            for head in heads
        ]
        await conn.execute(insert(unit_heads), rows)


def _head(row: RowMapping) -> Head:
    values = fields(row)
    if values["valid_to"] == _UNTIL_FURTHER_NOTICE:
        values["valid_to"] = None
    return msgspec.convert(values, Head)


def _valid_on(day: date) -> ColumnElement[bool]:
    return (units.c.valid_from <= day) & (units.c.valid_to >= day)


def _unit_row(row: RowMapping) -> UnitRow:
    values = fields(row)
    version = values.pop("version")
    if values["valid_from"] == _BEFORE_RECORDS:
        values["valid_from"] = None
    if values["valid_to"] == _UNTIL_FURTHER_NOTICE:
        values["valid_to"] = None
    return UnitRow(msgspec.convert(values, Unit), version)


def _values(row: UnitRow, changed_at: datetime) -> Mapping[str, Any]:
    unit = row.unit
    return msgspec.structs.asdict(unit) | {
        "valid_from": unit.valid_from or _BEFORE_RECORDS,
        "valid_to": unit.valid_to or _UNTIL_FURTHER_NOTICE,
        "kind": unit.kind.value,
        "successors": list(unit.successors),
        "search": unmarked(f"{unit.name} {unit.code}"),
        "version": row.version,
        "changed_at": changed_at,
    }
