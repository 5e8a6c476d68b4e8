"""Queries and writes of seasons, their units, and what was entered."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.history import HistoryEntry
from cchc_shared.storage.records import record, records
from scoring_worker.columns import among
from scoring_worker.seasons.domain import AFTERWARDS, DATES, Entry, Member, Season, Step
from scoring_worker.seasons.models import season, season_entry, season_history, season_unit

_S, _U, _E, _H = season.c, season_unit.c, season_entry.c, season_history.c
_CHANGES: Final = (*DATES, "published_at", "cancelled_at", "version")
_ENTRY: Final = [_E[name] for name in Entry.__struct_fields__]
_MEMBER: Final = [_U[name] for name in Member.__struct_fields__]


async def new_id(conn: AsyncConnection) -> int:
    """The id of a season that is about to be added."""
    return int((await conn.execute(select(func.nextval(func.pg_get_serial_sequence("season", "id"))))).scalar_one())


async def hold_set(conn: AsyncConnection, set_code: str, period: str) -> None:
    """Let seasons of one set and period be opened one after the other."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"season {set_code} {period}", 0))))


async def add(conn: AsyncConnection, new: Season, members: Sequence[Member]) -> None:
    """A new season with the units that take part."""
    values = msgspec.structs.asdict(new)
    del values["status"]
    await conn.execute(insert(season).values(**values))
    await add_members(conn, new, members)


async def add_members(conn: AsyncConnection, of: Season, members: Sequence[Member]) -> None:
    """Units that take part from now on."""
    await conn.execute(
        insert(season_unit), [{"season_id": of.id, **msgspec.structs.asdict(member)} for member in members]
    )


async def get(conn: AsyncConnection, code: str, *, lock: bool = False) -> Season | None:
    """The season; `lock`: nobody else changes it until the transaction ends."""
    query = select(season).where(_S.code == code)
    row = (await conn.execute(query.with_for_update() if lock else query)).mappings().first()
    return None if row is None else record(row, Season)


async def hold(conn: AsyncConnection, code: str) -> Season | None:
    """The season, which stays as it is until the transaction ends. Many may hold it at once."""
    row = (await conn.execute(select(season).where(_S.code == code).with_for_update(read=True))).mappings().first()
    return None if row is None else record(row, Season)


async def page(
    conn: AsyncConnection, *, set_code: str | None, period: str | None, unit: str | None, before: int, limit: int
) -> list[Season]:
    """Seasons, the newest first; of those that a unit takes part in, if one is named."""
    query = select(season).where(_S.id < before).order_by(_S.id.desc()).limit(limit)
    if set_code is not None:
        query = query.where(_S.set_code == set_code)
    if period is not None:
        query = query.where(_S.period == period)
    if unit is not None:
        query = query.where(select(1).where(_U.season_id == _S.id, _U.unit == unit).exists())
    return records(await conn.execute(query), Season)


async def store(conn: AsyncConnection, changed: Season, entry: HistoryEntry) -> None:
    """What an action changed of a locked season, with its row of history."""
    values = {name: getattr(changed, name) for name in _CHANGES}
    await conn.execute(update(season).where(_S.id == changed.id).values(values))
    await add_history(conn, changed, entry)


async def add_history(conn: AsyncConnection, of: Season, entry: HistoryEntry) -> None:
    await conn.execute(insert(season_history).values(season_id=of.id, **entry.values()))


async def history(conn: AsyncConnection, of: Season) -> list[dict[str, Any]]:
    """Every change, the oldest first."""
    rows = await conn.execute(select(season_history).where(_H.season_id == of.id).order_by(_H.version))
    return [dict(row) for row in rows.mappings()]


async def members(conn: AsyncConnection, of: Season) -> list[Member]:
    """The units that take part, by code."""
    return records(await conn.execute(select(*_MEMBER).where(_U.season_id == of.id).order_by(_U.unit)), Member)


async def member(conn: AsyncConnection, of: Season, unit: str, *, lock: bool = False) -> Member | None:
    """One of them; `lock`: nobody else enters anything of it until the transaction ends."""
    query = select(*_MEMBER).where(_U.season_id == of.id, _U.unit == unit)
    row = (await conn.execute(query.with_for_update() if lock else query)).mappings().first()
    return None if row is None else record(row, Member)


async def in_seasons(conn: AsyncConnection, set_code: str, period: str, units: Collection[str]) -> dict[str, str]:
    """Units that take part in a season of the set and period that was not cancelled, with its code."""
    query = (
        select(_U.unit, _S.code)
        .join(season, _S.id == _U.season_id)
        .where(_S.set_code == set_code, _S.period == period, _S.cancelled_at.is_(None), among(_U.unit, units))
    )
    return {str(unit): str(code) for unit, code in await conn.execute(query)}


async def last_published(conn: AsyncConnection, of: Season, unit: str) -> Season | None:
    """The season of the same owner and set that a unit took part in and that was published last before this one was
    opened: others of its kind may have had one of their own meanwhile."""
    query = (
        select(season)
        .where(_S.owner.is_not_distinct_from(of.owner), _S.set_code == of.set_code)
        .where(_S.published_at <= of.opened_at, _S.id != of.id)
        .where(select(1).where(_U.season_id == _S.id, _U.unit == unit).exists())
        .order_by(_S.published_at.desc())
        .limit(1)
    )
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Season)


async def entries(
    conn: AsyncConnection, of: Season, unit: str | None = None, *, step: Step | None = None
) -> list[Entry]:
    """All that was entered, of one unit or of all, in one step or in all, in the order in which it was."""
    query = select(*_ENTRY).where(_E.season_id == of.id).order_by(_E.id)
    if unit is not None:
        query = query.where(_E.unit == unit)
    if step is not None:
        query = query.where(_E.step == step)
    return records(await conn.execute(query), Entry)


async def entries_afterwards(
    conn: AsyncConnection, owner: str | None, set_code: str, since: datetime
) -> list[tuple[str, Entry]]:
    """What was entered on published seasons of an owner and set since an instant, each with the code of its season."""
    query = (
        select(_S.code, *_ENTRY)
        .join(season, _S.id == _E.season_id)
        .where(_S.owner.is_not_distinct_from(owner), _S.set_code == set_code)
        .where(_E.at >= since, among(_E.step, AFTERWARDS))
        .order_by(_E.id)
    )
    return [(str(row["code"]), record(row, Entry)) for row in (await conn.execute(query)).mappings()]


async def entries_page(
    conn: AsyncConnection, of: Season, unit: str, *, criterion: str | None, after: int, limit: int
) -> list[Entry]:
    """What was entered of a unit, the oldest first."""
    query = select(*_ENTRY).where(_E.season_id == of.id, _E.unit == unit, _E.id > after).order_by(_E.id).limit(limit)
    return records(await conn.execute(query if criterion is None else query.where(_E.criterion == criterion)), Entry)


async def enter(conn: AsyncConnection, of: Season, member: Member, new: Iterable[Entry]) -> None:
    """Add what was entered of a locked unit, as the next version of its card."""
    rows = [{"season_id": of.id, **msgspec.structs.asdict(entry), "version": member.version + 1} for entry in new]
    for row in rows:
        del row["id"]
    await conn.execute(insert(season_entry), rows)
    counting = update(season_unit).where(_U.season_id == bindparam("of"), _U.unit == bindparam("who"))
    await conn.execute(counting.values(version=_U.version + 1), {"of": of.id, "who": member.unit})
