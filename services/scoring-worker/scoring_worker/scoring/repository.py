"""Reading and writing scores."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.index_sets.evaluation import FieldPoints, Score
from scoring_worker.scoring import sql
from scoring_worker.scoring.models import score


class ScoreRow(NamedTuple):
    """A stored score."""

    set_code: str
    period: str
    unit: str
    set_version: str
    total: Decimal
    max: Decimal
    percent: Decimal | None
    coverage: Decimal | None
    fields: tuple[FieldPoints, ...]
    computed_at: datetime

    @property
    def score(self) -> Score:
        return Score(self.total, self.max, self.percent, self.coverage, self.fields)


_decoder = msgspec.json.Decoder(tuple[FieldPoints, ...])


async def save(conn: AsyncConnection, rows: Collection[ScoreRow]) -> None:
    """Write scores whose counts this transaction has locked."""
    await conn.execute(sql.SAVE, {"rows": msgspec.json.encode([row._asdict() for row in rows]).decode()})


async def delete(conn: AsyncConnection, keys: Collection[tuple[str, str]]) -> None:
    """Delete the scores of units and periods that have no counts any more."""
    await conn.execute(sql.DELETE, {"unit": [unit for unit, _ in keys], "period": [period for _, period in keys]})


async def void(conn: AsyncConnection, keys: Collection[tuple[str, str, str]]) -> None:
    """Delete scores, by set, period and unit, of which nothing is known any more."""
    sets, periods, units = zip(*keys, strict=True)
    await conn.execute(sql.VOID, {"set_code": sets, "period": periods, "unit": units})


async def read(conn: AsyncConnection, set_code: str, period: str) -> list[ScoreRow]:
    """The stored scores of all units in a period."""
    columns = [cast(score.c.fields, Text) if name == "fields" else score.c[name] for name in ScoreRow._fields]
    rows = await conn.execute(select(*columns).where(score.c.set_code == set_code, score.c.period == period))
    return [ScoreRow._make((*row[:8], _decoder.decode(row[8]), row[9])) for row in rows]
