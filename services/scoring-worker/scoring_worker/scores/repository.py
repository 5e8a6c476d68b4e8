"""SQL of the scores."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.scores.evaluation import FieldPoints


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


_SAVE = text(
    """INSERT INTO score (set_code, period, unit, set_version, total, max, percent, fields, computed_at)
       SELECT set_code, period, unit, set_version, total, max, percent, CAST(fields AS jsonb), :computed_at
       FROM unnest(CAST(:set_code AS text[]), CAST(:period AS text[]), CAST(:unit AS text[]),
                   CAST(:set_version AS text[]), CAST(:total AS numeric[]), CAST(:max AS numeric[]),
                   CAST(:percent AS numeric[]), CAST(:fields AS text[]))
            AS w(set_code, period, unit, set_version, total, max, percent, fields)
       ON CONFLICT (set_code, period, unit)
       DO UPDATE SET set_version = EXCLUDED.set_version, total = EXCLUDED.total, max = EXCLUDED.max,
                     percent = EXCLUDED.percent, fields = EXCLUDED.fields, computed_at = EXCLUDED.computed_at"""
)
_READ = text(
    """SELECT set_code, period, unit, set_version, total, max, percent, CAST(fields AS text), computed_at
       FROM score WHERE set_code = :set_code AND period = :period"""
)

_decoder = msgspec.json.Decoder(tuple[FieldPoints, ...])


async def save(conn: AsyncConnection, rows: Collection[ScoreRow], computed_at: datetime) -> None:
    """Write scores whose counts this transaction has locked."""
    await conn.execute(
        _SAVE,
        {
            "set_code": [row.set_code for row in rows],
            "period": [row.period for row in rows],
            "unit": [row.unit for row in rows],
            "set_version": [row.set_version for row in rows],
            "total": [row.total for row in rows],
            "max": [row.max for row in rows],
            "percent": [row.percent for row in rows],
            "fields": [msgspec.json.encode(row.fields).decode() for row in rows],
            "computed_at": computed_at,
        },
    )


async def read(conn: AsyncConnection, set_code: str, period: str) -> list[ScoreRow]:
    """The kept scores of all units in a period."""
    rows = await conn.execute(_READ, {"set_code": set_code, "period": period})
    return [ScoreRow._make((*row[:7], _decoder.decode(row[7]), row[8])) for row in rows]
