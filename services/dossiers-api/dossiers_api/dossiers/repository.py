"""Dossiers and their deliveries in the database."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg
import msgspec
from sqlalchemy import ARRAY, CollectionAggregate, Text, any_, cast, delete, insert, literal, select, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.copying import copy
from dossiers_api.dossiers import sql
from dossiers_api.dossiers.domain import Delivery, Dossier, Emitted, Facts
from dossiers_api.dossiers.models import delivery, dossier, secret

_COLUMNS: Final = ("code", "version", *Facts.__struct_fields__, "emitted", "sort_at")
"""Of a dossier, as the table has them."""
_FLAGS: Final = Emitted.__struct_fields__
_EMITTED: Final = [
    Emitted(**{name: bool(flags >> bit & 1) for bit, name in enumerate(_FLAGS)}) for flags in range(1 << len(_FLAGS))
]
_DELIVERY: Final = msgspec.json.Decoder(Delivery)
_ENCODER: Final = msgspec.json.Encoder()
MOST_SECRETS: Final = 10
"""Of one dossier: receipts are printed again, and each has its own."""


class AddedMeanwhile(Exception):
    """Somebody else added one of the dossiers, and has committed: nothing of this transaction holds. Begin again."""


async def add(conn: AsyncConnection, new: Sequence[Dossier]) -> None:
    """Insert dossiers, in the order of their codes. Raises `AddedMeanwhile`."""
    try:
        await copy(conn, dossier.name, _COLUMNS, sorted(map(_row, new)))
    except DBAPIError as error:
        if isinstance(error.orig, asyncpg.UniqueViolationError):
            raise AddedMeanwhile from error
        raise


async def lock(conn: AsyncConnection, codes: Collection[str]) -> dict[str, Dossier]:
    """The dossiers with these codes, locked in their order."""
    query = select(dossier).where(dossier.c.code == _any(codes)).order_by(dossier.c.code)
    return {row.code: _dossier(row) for row in await conn.execute(query.with_for_update(key_share=True))}


async def save(conn: AsyncConnection, changed: Sequence[Dossier]) -> None:
    """Store dossiers that are locked."""
    if changed:
        rows = [dict(zip(_COLUMNS, _row(each), strict=True)) for each in changed]
        await conn.execute(sql.SAVE, {"rows": _ENCODER.encode(rows).decode()})


async def said_of(
    conn: AsyncConnection, codes: Collection[str], before: datetime | None = None
) -> Mapping[str, list[Delivery]]:
    """Every delivery of these dossiers, or those that were recorded before a moment."""
    found: dict[str, list[Delivery]] = defaultdict(list)
    if codes:
        # As text: what msgspec reads at once need not become dictionaries before.
        query = select(delivery.c.code, cast(delivery.c.content, Text)).where(delivery.c.code == _any(codes))
        if before is not None:
            query = query.where(delivery.c.recorded_at < before)
        for code, content in await conn.execute(query):
            found[code].append(_DELIVERY.decode(content))
    return found


async def keep(
    conn: AsyncConnection, said: Iterable[tuple[str, Delivery]], sent_by: str, recorded_at: datetime
) -> None:
    """Add deliveries of dossiers that are locked, or added in this transaction."""
    rows = [(code, each.at, each.status, _ENCODER.encode(each).decode(), sent_by, recorded_at) for code, each in said]
    if rows:
        await copy(conn, delivery.name, delivery.c.keys(), sorted(rows))


async def find(conn: AsyncConnection, code: str) -> Dossier | None:
    """The dossier with that code."""
    row = (await conn.execute(select(dossier).where(dossier.c.code == code))).first()
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
    return [_dossier(row) for row in await conn.execute(query)]


def _any(codes: Collection[str]) -> CollectionAggregate[Any]:
    """One parameter, so that the statement is the same for any number of codes."""
    return any_(literal(list(codes), ARRAY(Text)))


def _row(each: Dossier) -> tuple[Any, ...]:
    """Its columns, in their order."""
    flags = sum(getattr(each.emitted, name) << bit for bit, name in enumerate(_FLAGS))
    return (each.code, each.version, *msgspec.structs.astuple(each.facts), flags, each.sort_at)


def _dossier(row: Sequence[Any]) -> Dossier:
    code, version, *facts, flags, _ = row
    return Dossier(
        code=code,
        version=version,
        facts=msgspec.convert(dict(zip(Facts.__struct_fields__, facts, strict=True)), Facts),
        emitted=_EMITTED[flags],
    )
