"""SQL of the scores."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.scores.evaluation import FieldPoints, Score


class ScoreRow(NamedTuple):
    """A kept score."""

    set_code: str
    period: str
    unit: str
    set_version: str
    total: Decimal
    max: Decimal
    percent: Decimal | None
    fields: tuple[FieldPoints, ...]
    computed_at: datetime

    @property
    def score(self) -> Score:
        return Score(self.total, self.max, self.percent, self.fields)


_SAVE = text(
    """INSERT INTO score (set_code, period, unit, set_version, total, max, percent, fields, computed_at)
       SELECT set_code, period, unit, set_version, total, max, percent, fields, computed_at
       FROM jsonb_to_recordset(CAST(CAST(:rows AS text) AS jsonb))
            AS w(set_code text, period text, unit text, set_version text, total numeric, max numeric, percent numeric,
                 fields jsonb, computed_at timestamptz)
       ON CONFLICT (set_code, period, unit)
       DO UPDATE SET set_version = EXCLUDED.set_version, total = EXCLUDED.total, max = EXCLUDED.max,
                     percent = EXCLUDED.percent, fields = EXCLUDED.fields, computed_at = EXCLUDED.computed_at"""
)
_FORGET = text(
    """DELETE FROM score USING unnest(CAST(:unit AS text[]), CAST(:period AS text[])) AS w(unit, period)
       WHERE score.unit = w.unit AND score.period = w.period"""
)
_READ = text(
    """SELECT set_code, period, unit, set_version, total, max, percent, CAST(fields AS text), computed_at
       FROM score WHERE set_code = :set_code AND period = :period"""
)

_decoder = msgspec.json.Decoder(tuple[FieldPoints, ...])


async def save(conn: AsyncConnection, rows: Collection[ScoreRow]) -> None:
    """Write scores whose counts this transaction has locked."""
    # One JSON text for all: the driver encodes arrays element by element, which takes longer than the rest.
    await conn.execute(_SAVE, {"rows": msgspec.json.encode([row._asdict() for row in rows]).decode()})


async def forget(conn: AsyncConnection, keys: Collection[tuple[str, str]]) -> None:
    """Drop the scores of units and periods that have no counts any more."""
    await conn.execute(_FORGET, {"unit": [unit for unit, _ in keys], "period": [period for _, period in keys]})


async def read(conn: AsyncConnection, set_code: str, period: str) -> list[ScoreRow]:
    """The kept scores of all units in a period."""
    rows = await conn.execute(_READ, {"set_code": set_code, "period": period})
    return [ScoreRow._make((*row[:7], _decoder.decode(row[7]), row[8])) for row in rows]
