"""Dossiers and their deliveries in the database."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import RowMapping, delete, insert, select, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import fields
from dossiers_api.dossiers.domain import Delivery, Dossier, Emitted, Facts
from dossiers_api.dossiers.models import delivery, dossier, secret

_FLAGS = Emitted.__struct_fields__
MOST_SECRETS = 10
"""Of one dossier: receipts are printed again, and each has its own."""


async def add(conn: AsyncConnection, new: Sequence[Dossier]) -> set[str]:
    """Insert those that nobody has; the codes of these. Whoever adds one of them at once waits for the other."""
    if not new:
        return set()
    rows = [_row(each) for each in sorted(new, key=lambda each: each.code)]
    statement = postgresql.insert(dossier).on_conflict_do_nothing().returning(dossier.c.code)
    return set((await conn.execute(statement, rows)).scalars())


async def lock(conn: AsyncConnection, codes: Collection[str]) -> dict[str, Dossier]:
    """The dossiers with these codes, locked in their order."""
    if not codes:
        return {}
    query = select(dossier).where(dossier.c.code.in_(sorted(codes))).order_by(dossier.c.code)
    rows = await conn.execute(query.with_for_update(key_share=True))
    return {row["code"]: _dossier(row) for row in rows.mappings()}


async def save(conn: AsyncConnection, changed: Sequence[Dossier]) -> None:
    """Store dossiers that are locked."""
    if changed:
        statement = postgresql.insert(dossier)
        after = {column.name: statement.excluded[column.name] for column in dossier.c if not column.primary_key}
        upsert = statement.on_conflict_do_update(index_elements=[dossier.c.code], set_=after)
        await conn.execute(upsert, [_row(each) for each in changed])


async def said_of(conn: AsyncConnection, codes: Collection[str]) -> Mapping[str, list[Delivery]]:
    """Every delivery of these dossiers."""
    found: dict[str, list[Delivery]] = defaultdict(list)
    if codes:
        query = select(delivery.c.code, delivery.c.content).where(delivery.c.code.in_(codes))
        for code, content in await conn.execute(query):
            found[code].append(msgspec.convert(content, Delivery))
    return found


async def keep(
    conn: AsyncConnection, said: Sequence[tuple[str, Delivery]], sent_by: str, recorded_at: datetime
) -> None:
    """Add deliveries."""
    if said:
        rows = [
            {
                "code": code,
                "at": each.at,
                "status": each.status,
                "content": msgspec.to_builtins(each),
                "sent_by": sent_by,
                "recorded_at": recorded_at,
            }
            for code, each in said
        ]
        await conn.execute(insert(delivery), rows)


async def find(conn: AsyncConnection, code: str) -> Dossier | None:
    """The dossier with that code."""
    row = (await conn.execute(select(dossier).where(dossier.c.code == code))).mappings().first()
    return None if row is None else _dossier(row)


async def was_sent_by(conn: AsyncConnection, system: str, code: str) -> bool:
    """Whether that system has said something of the dossier."""
    said = select(delivery.c.code).where(delivery.c.code == code, delivery.c.sent_by == system)
    return bool(await conn.scalar(select(said.exists())))


async def give_secret(conn: AsyncConnection, code: str, digest: bytes, given_by: str, given_at: datetime) -> None:
    """Add a secret of a dossier that is there. Of many only the newest are kept."""
    await conn.execute(select(dossier.c.code).where(dossier.c.code == code).with_for_update(key_share=True))
    await conn.execute(insert(secret), {"code": code, "digest": digest, "given_at": given_at, "given_by": given_by})
    c = secret.c
    older = select(c.digest).where(c.code == code).order_by(c.given_at.desc(), c.digest).offset(MOST_SECRETS)
    await conn.execute(delete(secret).where(c.code == code, c.digest.in_(older)))


async def has_secret(conn: AsyncConnection, code: str, digest: bytes) -> bool:
    """Whether that is a secret of that dossier."""
    return bool(await conn.scalar(select(secret.c.code).where(secret.c.code == code, secret.c.digest == digest)))


async def page(
    conn: AsyncConnection, unit: str | None, status: str | None, after: tuple[datetime, str] | None, limit: int
) -> list[Dossier]:
    """Dossiers of a unit, or of all, the newest first."""
    c = dossier.c
    query = select(dossier).order_by(c.sort_at.desc(), c.code.desc()).limit(limit)
    for column, wanted in ((c.unit, unit), (c.status, status)):
        if wanted is not None:
            query = query.where(column == wanted)
    if after is not None:
        query = query.where(tuple_(c.sort_at, c.code) < after)
    return [_dossier(row) for row in (await conn.execute(query)).mappings()]


def _row(each: Dossier) -> dict[str, object]:
    flags = sum(getattr(each.emitted, name) << bit for bit, name in enumerate(_FLAGS))
    own = {"code": each.code, "version": each.version, "emitted": flags, "sort_at": each.sort_at}
    return {**msgspec.structs.asdict(each.facts), **own}


def _dossier(row: RowMapping) -> Dossier:
    values = fields(row)
    flags = values["emitted"]
    return Dossier(
        code=values["code"],
        version=values["version"],
        facts=msgspec.convert(values, Facts),
        emitted=Emitted(**{name: bool(flags >> bit & 1) for bit, name in enumerate(_FLAGS)}),
    )
