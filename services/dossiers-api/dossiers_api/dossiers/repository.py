"""Dossiers and their deliveries in the database."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ARRAY, CollectionAggregate, RowMapping, Text, any_, cast, delete, insert, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import fields
from cchc_shared.stream.outbox import array
from dossiers_api.dossiers import sql
from dossiers_api.dossiers.domain import Delivery, Dossier, Emitted, Facts
from dossiers_api.dossiers.models import delivery, dossier, secret

_FLAGS = Emitted.__struct_fields__
_DELIVERY = msgspec.json.Decoder(Delivery)
MOST_SECRETS = 10
"""Of one dossier: receipts are printed again, and each has its own."""


async def known(conn: AsyncConnection, codes: Collection[str]) -> set[str]:
    """Those of the codes of which there is a dossier already."""
    return set((await conn.execute(select(dossier.c.code).where(dossier.c.code == _any(codes)))).scalars())


async def add(conn: AsyncConnection, new: Sequence[Dossier]) -> set[str]:
    """Insert those that nobody has; the codes of these. Whoever adds one of them at once waits for the other."""
    if not new:
        return set()
    return set((await conn.execute(sql.ADD, {"rows": array(map(_row, new))})).scalars())


async def lock(conn: AsyncConnection, codes: Collection[str]) -> dict[str, Dossier]:
    """The dossiers with these codes, locked in their order."""
    if not codes:
        return {}
    query = select(dossier).where(dossier.c.code == _any(codes)).order_by(dossier.c.code)
    rows = await conn.execute(query.with_for_update(key_share=True))
    return {row["code"]: _dossier(row) for row in rows.mappings()}


async def save(conn: AsyncConnection, changed: Sequence[Dossier]) -> None:
    """Store dossiers that are locked."""
    if changed:
        await conn.execute(sql.SAVE, {"rows": array(map(_row, changed))})


async def said_of(conn: AsyncConnection, codes: Collection[str]) -> Mapping[str, list[Delivery]]:
    """Every delivery of these dossiers."""
    found: dict[str, list[Delivery]] = defaultdict(list)
    if codes:
        # As text: what msgspec reads at once need not become dictionaries before.
        query = select(delivery.c.code, cast(delivery.c.content, Text)).where(delivery.c.code == _any(codes))
        for code, content in await conn.execute(query):
            found[code].append(_DELIVERY.decode(content))
    return found


async def keep(
    conn: AsyncConnection, said: Sequence[tuple[str, Delivery]], sent_by: str, recorded_at: datetime
) -> None:
    """Add deliveries."""
    if said:
        own = {"sent_by": sent_by, "recorded_at": recorded_at}
        rows = [{"code": code, "at": each.at, "status": each.status, "content": each, **own} for code, each in said]
        await conn.execute(sql.KEEP, {"rows": msgspec.json.encode(rows).decode()})


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


def _any(codes: Collection[str]) -> CollectionAggregate[Any]:
    """One parameter, so that the statement is the same for any number of codes."""
    return any_(literal(list(codes), ARRAY(Text)))


def _row(each: Dossier) -> bytes:
    flags = sum(getattr(each.emitted, name) << bit for bit, name in enumerate(_FLAGS))
    own = {"code": each.code, "version": each.version, "emitted": flags, "sort_at": each.sort_at}
    return msgspec.json.encode(msgspec.structs.asdict(each.facts) | own)


def _dossier(row: RowMapping) -> Dossier:
    values = fields(row)
    flags = values["emitted"]
    return Dossier(
        code=values["code"],
        version=values["version"],
        facts=msgspec.convert(values, Facts),
        emitted=Emitted(**{name: bool(flags >> bit & 1) for bit, name in enumerate(_FLAGS)}),
    )
