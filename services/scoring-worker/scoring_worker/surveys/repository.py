"""Reading and writing surveys, their tokens and their ballot boxes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import record, records
from scoring_worker.columns import among
from scoring_worker.surveys import sql
from scoring_worker.surveys.domain import Ballots, Cell, Survey
from scoring_worker.surveys.models import survey, survey_ballot, survey_receipt, survey_token

_S, _T, _B = survey.c, survey_token.c, survey_ballot.c
_COLUMNS = [_S[name] for name in Survey.__struct_fields__]


async def add(conn: AsyncConnection, new: Survey, by: str, now: datetime) -> bool:
    """Write a survey; False if its code is taken."""
    values = {name: getattr(new, name) for name in Survey.__struct_fields__}
    statement = insert(survey).values(values | {"opened_by": by, "recorded_at": now}).on_conflict_do_nothing()
    return (await conn.execute(statement)).rowcount == 1


async def set_aside(conn: AsyncConnection, code: str) -> None:
    """Give a survey that was withdrawn another code, such as `S-2026.1`: its own is free for the right one.

    Nothing refers to it any more. Of two at the same moment one waits, and finds nothing to do.
    """
    before = select(func.count()).where(_S.code.startswith(f"{code}.", autoescape=True)).scalar_subquery()
    mine = update(survey).where(_S.code == code, _S.withdrawn_at.is_not(None))
    await conn.execute(mine.values(code=func.concat(f"{code}.", before + 1)))


async def find(conn: AsyncConnection, code: str) -> Survey | None:
    """One survey."""
    row = (await conn.execute(select(*_COLUMNS).where(_S.code == code))).mappings().first()
    return None if row is None else record(row, Survey)


async def hold_open(conn: AsyncConnection, code: str, now: datetime) -> Survey | None:
    """A survey that is open, and not sealed before this transaction ends. Any number may hold it together.

    One that is over is not locked: whoever comes too late would keep it from being sealed. What was sealed is over
    whatever the clock of this process says, or said before it had to wait.
    """
    is_open = (_S.opens_at <= now, _S.closes_at > now, _S.sealed_at.is_(None))
    query = select(*_COLUMNS).where(_S.code == code, *is_open).with_for_update(read=True, key_share=True)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Survey)


async def hold(conn: AsyncConnection, code: str, *, alone: bool) -> Survey | None:
    """A survey that is neither sealed nor withdrawn before this transaction ends; `alone`: nor is a ballot taken or a
    link made."""
    query = select(*_COLUMNS).where(_S.code == code).with_for_update(read=not alone, key_share=not alone)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Survey)


async def claim_over(conn: AsyncConnection, now: datetime) -> Survey | None:
    """A survey that closed and is not sealed, for this transaction alone; not while a last ballot is being written."""
    query = select(*_COLUMNS).where(_S.closes_at <= now, _S.sealed_at.is_(None)).order_by(_S.closes_at, _S.code)
    row = (await conn.execute(query.limit(1).with_for_update(skip_locked=True))).mappings().first()
    return None if row is None else record(row, Survey)


async def page(conn: AsyncConnection, after: str, limit: int) -> list[Survey]:
    """Surveys by code."""
    return records(await conn.execute(select(*_COLUMNS).where(_S.code > after).order_by(_S.code).limit(limit)), Survey)


async def add_tokens(conn: AsyncConnection, code: str, cell: Cell, digests: Sequence[bytes]) -> None:
    """Write new tokens of a cell."""
    n = len(digests)
    unit, stratum = cell
    values = {"digest": list(digests), "survey": [code] * n, "unit": [unit] * n, "stratum": [stratum] * n}
    await conn.execute(sql.ADD_TOKENS, values)


async def use_token(conn: AsyncConnection, code: str, digest: bytes) -> Cell | None:
    """Use a token that was not used; the cell that it is for. Of two at the same moment one waits, and gets None."""
    mine = (_T.digest == digest, _T.survey == code, _T.used.is_(False))
    row = (
        await conn.execute(update(survey_token).where(*mine).values(used=True).returning(_T.unit, _T.stratum))
    ).first()
    return None if row is None else (row.unit, row.stratum)


async def token(conn: AsyncConnection, code: str, digest: bytes) -> tuple[Cell, bool] | None:
    """The cell of a token, and whether it was used."""
    row = (
        await conn.execute(select(_T.unit, _T.stratum, _T.used).where(_T.digest == digest, _T.survey == code))
    ).first()
    return None if row is None else ((row.unit, row.stratum), row.used)


async def add_receipts(conn: AsyncConnection, code: str, digests: Collection[bytes]) -> set[bytes]:
    """Write down what a system sends; those that it had not sent before."""
    rows = await conn.execute(sql.ADD_RECEIPTS, {"survey": [code] * len(digests), "digest": list(digests)})
    return {row.digest for row in rows}


async def drop_in(conn: AsyncConnection, code: str, ballots: Collection[Ballots]) -> None:
    """Put ballots into the box. No two of them are alike: `number` says how many are."""
    if ballots:
        columns: dict[str, list[Any]] = {"survey": [code] * len(ballots)}
        for name in Ballots._fields:
            columns[name] = [getattr(each, name) for each in ballots]
        await conn.execute(sql.DROP_IN, columns)


async def ballots(conn: AsyncConnection, code: str, units: Collection[str] | None = None) -> list[Ballots]:
    """What is in the box, of all units or of some."""
    query = select(_B.unit, _B.stratum, _B.answers, _B.number).where(_B.survey == code)
    if units is not None:
        query = query.where(among(_B.unit, units))
    return [Ballots._make(row) for row in await conn.execute(query)]


async def numbers(conn: AsyncConnection, code: str) -> dict[Cell, int]:
    """How many ballots there are of each cell."""
    query = select(_B.unit, _B.stratum, func.sum(_B.number)).where(_B.survey == code).group_by(_B.unit, _B.stratum)
    return {(unit, stratum): int(number) for unit, stratum, number in await conn.execute(query)}


async def links(conn: AsyncConnection, code: str) -> tuple[int, int]:
    """How many tokens were made, and how many of them were used."""
    query = select(func.count(), func.count().filter(_T.used)).where(_T.survey == code)
    made, used = (await conn.execute(query)).one()
    return made, used


async def seal(conn: AsyncConnection, code: str, box: Collection[Ballots], now: datetime) -> None:
    """Delete tokens and receipts, and write the box anew.

    Until then the server's own columns show which transaction wrote a row last, of a used token and of a ballot alike.
    """
    made, used = await links(conn, code)
    for table in (survey_token, survey_receipt, survey_ballot):
        await conn.execute(delete(table).where(table.c.survey == code))
    await drop_in(conn, code, box)
    sealed = {"sealed_at": now, "links": made, "links_used": used}
    await conn.execute(update(survey).where(_S.code == code).values(sealed))


async def withdraw(conn: AsyncConnection, code: str, *, by: str, reason: str, ballots: int, now: datetime) -> None:
    """Write down that a survey was withdrawn, which this transaction holds alone, and empty its box."""
    await seal(conn, code, (), now)
    withdrawn = {"withdrawn_at": now, "withdrawn_by": by, "withdrawn_reason": reason, "ballots": ballots}
    await conn.execute(update(survey).where(_S.code == code).values(withdrawn))
