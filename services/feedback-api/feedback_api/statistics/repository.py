"""Counting reports in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from feedback_api.statistics.domain import Dimension


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted. `until` is exclusive; `past` asks for the state at `moment` instead of the present one."""

    dimensions: Sequence[Dimension]
    since: datetime | None
    until: datetime | None
    moment: datetime
    past: bool
    unit: str | None
    timezone: str


_NOW = "SELECT channel, kind, unit, status, received_at, resolve_due_at, answered_at FROM feedback f"

# A report as its history says it stood: another unit may have held it, with another deadline.
_THEN = """SELECT f.channel, f.kind, h.unit, h.status, f.received_at, h.resolve_due_at, h.answered_at
           FROM feedback f CROSS JOIN LATERAL (
               SELECT unit, status, resolve_due_at, answered_at FROM feedback_history h
               WHERE h.code = f.code AND h.at < :moment ORDER BY version DESC LIMIT 1) h"""

_COLUMNS = {
    Dimension.MONTH: "to_char(received_at AT TIME ZONE :timezone, 'YYYY-MM')",
    Dimension.CHANNEL: "channel",
    Dimension.UNIT: "unit",
    Dimension.KIND: "kind",
}


async def count(conn: AsyncConnection, question: Question) -> Sequence[Row[Any]]:
    """One row for each combination that occurs, in order; a single row when nothing is grouped by."""
    values = {
        "since": question.since,
        "until": question.until,
        "moment": question.moment,
        "unit": question.unit,
        "timezone": question.timezone,
    }
    period = [
        condition
        for name, condition in (
            ("since", "f.received_at >= CAST(:since AS timestamptz)"),
            ("until", "f.received_at < CAST(:until AS timestamptz)"),
        )
        if values[name] is not None
    ]
    selected = "".join(f"{_COLUMNS[dimension]} AS {dimension}, " for dimension in question.dimensions)
    grouped = ", ".join(str(number) for number, _ in enumerate(question.dimensions, 1))
    statement = f"""
        SELECT {selected}
               count(*) AS received,
               count(answered_at) AS resolved,
               count(*) FILTER (WHERE answered_at <= resolve_due_at) AS on_time,
               count(*) FILTER (WHERE answered_at > resolve_due_at) AS late,
               count(*) FILTER (WHERE answered_at IS NULL AND resolve_due_at < :moment) AS overdue_open,
               count(*) FILTER (WHERE status = 'reopened') AS reopened
        FROM ({_THEN if question.past else _NOW} WHERE {" AND ".join(period) or "true"}) reports
        {"WHERE unit = :unit" if question.unit is not None else ""}
        {f"GROUP BY {grouped} ORDER BY {grouped}" if grouped else ""}"""
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    return (await conn.execute(text(statement), used)).all()
