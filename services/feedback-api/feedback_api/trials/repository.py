"""Past reports as routing sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import Channel, FeedbackKind, Severity
from feedback_api.reports.models import feedback
from feedback_api.rulebook import Matter

Place = tuple[datetime, str]
"""Instant of receipt and code: where a report stands among all."""


class Past(NamedTuple):
    """A report that rules decided about."""

    code: str
    received_at: datetime
    matter: Matter
    category: str | None
    title: str | None
    content: str
    lat: float | None
    lon: float | None


async def decided_by_rules(
    conn: AsyncConnection, since: datetime | None, until: datetime | None, before: Place | None, limit: int
) -> Sequence[Past]:
    """Reports whose sender named no unit, the newest first, from the one that follows `before`."""
    c = feedback.c
    query = (
        select(c.code, c.received_at, c.channel, c.kind, c.severity, c.category, c.title, c.content, c.lat, c.lon)
        .where(c.routing["by"].astext.in_(("rule", "queue")), ~c.routing.has_key("named"))
        .order_by(c.received_at.desc(), c.code.desc())
        .limit(limit)
    )
    if since is not None:
        query = query.where(c.received_at >= since)
    if until is not None:
        query = query.where(c.received_at < until)
    if before is not None:
        query = query.where(tuple_(c.received_at, c.code) < before)
    return [
        Past(code, at, Matter(Channel(channel), FeedbackKind(kind), Severity(severity)), *others)
        for code, at, channel, kind, severity, *others in await conn.execute(query)
    ]
