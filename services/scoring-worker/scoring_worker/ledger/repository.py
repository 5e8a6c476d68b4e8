"""Reading and adding published links."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import record, records
from scoring_worker.ledger.domain import Json, canonical
from scoring_worker.ledger.models import frozen_number, ledger_link, ledger_unit

_L, _U, _F = ledger_link.c, ledger_unit.c, frozen_number.c
Key = tuple[str, str, str]
"""Unit, period, indicator."""


class StoredLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link of a chain without its document. `owner` is empty for the city."""

    owner: str
    set_code: str
    number: int
    season: str
    period: str
    corrects: int | None
    reason: str | None
    sha256: str
    published_at: datetime


_HEAD = [ledger_link.c[name] for name in StoredLink.__struct_fields__]


async def hold(conn: AsyncConnection, owner: str, set_code: str) -> None:
    """Keep others from adding to the chain until the transaction ends."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"ledger {owner} {set_code}", 0))))


async def newest(conn: AsyncConnection, owner: str, set_code: str, *, period: str | None = None) -> StoredLink | None:
    """The last link of a chain; of those of a period, if one is named."""
    query = select(*_HEAD).where(_L.owner == owner, _L.set_code == set_code)
    if period is not None:
        query = query.where(_L.period == period)
    row = (await conn.execute(query.order_by(_L.number.desc()).limit(1))).mappings().first()
    return None if row is None else record(row, StoredLink)


async def of_season(conn: AsyncConnection, season: str) -> list[StoredLink]:
    """The links of a season, oldest first: the first, and its corrections."""
    return records(await conn.execute(select(*_HEAD).where(_L.season == season).order_by(_L.number)), StoredLink)


async def document(conn: AsyncConnection, link: StoredLink) -> str:
    """The document of a link, as it was published."""
    query = select(_L.document).where(_L.owner == link.owner, _L.set_code == link.set_code, _L.number == link.number)
    return str((await conn.execute(query)).scalar_one())


async def add(conn: AsyncConnection, link: StoredLink, whole: Json, actor: str) -> None:
    """Add a link to its chain, whole and by unit."""
    text, rows = await asyncio.to_thread(_written, link, whole)
    await conn.execute(plain_insert(ledger_link).values(**msgspec.structs.asdict(link), document=text, actor=actor))
    await conn.execute(plain_insert(ledger_unit), rows)


def _written(link: StoredLink, whole: Json) -> tuple[str, list[dict[str, str | int]]]:
    rows: list[dict[str, str | int]] = [
        {
            **_key(link),
            "unit": part["unit"],
            "heading": canonical({name: value for name, value in part.items() if name != "criteria"}).decode(),
            "criteria": canonical(part["criteria"]).decode(),
        }
        for part in whole["units"]
    ]
    return canonical(whole).decode(), rows


async def headings(conn: AsyncConnection, link: StoredLink) -> list[Json]:
    """The units of a link without their criteria, by code."""
    rows = await conn.scalars(select(_U.heading).where(*_of(link)).order_by(_U.unit))
    return [msgspec.json.decode(heading) for heading in rows]


async def parts(conn: AsyncConnection, link: StoredLink, *, since: str = "", limit: int) -> list[Json]:
    """Units of a link with their criteria, by code, from one on."""
    query = select(_U.heading, _U.criteria).where(*_of(link), _U.unit >= since).order_by(_U.unit).limit(limit)
    return [_part(*row) for row in await conn.execute(query)]


async def part(conn: AsyncConnection, link: StoredLink, unit: str) -> Json | None:
    """One unit of a link with its criteria."""
    row = (await conn.execute(select(_U.heading, _U.criteria).where(*_of(link), _U.unit == unit))).first()
    return None if row is None else _part(*row)


def _part(heading: str, criteria: str) -> Json:
    return {**msgspec.json.decode(heading), "criteria": msgspec.json.decode(criteria)}


def _key(link: StoredLink) -> dict[str, str | int]:
    return {"owner": link.owner, "set_code": link.set_code, "number": link.number}


def _of(link: StoredLink) -> list[ColumnElement[bool]]:
    return [_U[name] == value for name, value in _key(link).items()]


async def freeze(
    conn: AsyncConnection, season: str, units: Iterable[str], period: str, indicators: Collection[str]
) -> None:
    """Let these numbers of these units in the period be entered no more."""
    rows = [
        {"unit": unit, "period": period, "indicator": indicator, "season": season}
        for unit in units
        for indicator in sorted(indicators)
    ]
    if rows:
        await conn.execute(insert(frozen_number).on_conflict_do_nothing(), rows)


async def frozen(conn: AsyncConnection, keys: Collection[Key]) -> dict[Key, str]:
    """Those of the numbers that are frozen, with the season that froze them."""
    key = tuple_(_F.unit, _F.period, _F.indicator)
    rows = await conn.execute(select(_F.unit, _F.period, _F.indicator, _F.season).where(key.in_(list(keys))))
    return {(unit, period, indicator): season for unit, period, indicator, season in rows}
