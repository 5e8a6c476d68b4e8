"""Reports in the database: one, a page of them, and the step from one version to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, literal_column, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.contract.events import Event
from cchc_shared.stream import outbox
from feedback_api.handling.domain import Feedback, Step
from feedback_api.handling.models import SEARCH
from feedback_api.models import contacts, feedback, history


@dataclass(frozen=True, slots=True)
class Stored:
    """A report with what its handling does not change."""

    feedback: Feedback
    channel_ref: str | None
    title: str | None
    content: str
    lat: float | None
    lon: float | None
    address: str | None
    routing: dict[str, Any]
    submitted_by: str | None
    secret_digest: bytes


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted, in which role, and when."""

    sub: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """Which reports are listed; an empty field does not narrow. `until` is exclusive."""

    status: FeedbackStatus | None = None
    unit: str | None = None
    channel: Channel | None = None
    kind: FeedbackKind | None = None
    category: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    overdue: bool | None = None
    words: str | None = None


async def load(conn: AsyncConnection, code: str, *, lock: bool = False) -> Stored | None:
    """The report with that code; `lock` keeps others from changing it until the transaction ends."""
    query = select(feedback).where(feedback.c.code == code)
    row = (await conn.execute(query.with_for_update() if lock else query)).first()
    return None if row is None else _stored(row)


async def save(conn: AsyncConnection, before: Feedback, step: Step, actor: Actor, event: Event) -> None:
    """Store what the step made of the locked report, with its history and its event."""
    after = step.after
    await conn.execute(
        update(feedback)
        .where(feedback.c.code == after.code)
        .values(
            version=after.version,
            unit=after.unit,
            former_units=list(after.former_units),
            status=after.status,
            resolve_due_at=after.resolve_due_at,
            accepted_at=after.accepted_at,
            transferred_at=after.transferred_at,
            answered_at=after.answered_at,
            handovers=after.handovers,
            answer=after.answer,
            outcome=after.outcome,
        )
    )
    await conn.execute(
        insert(history).values(
            code=after.code,
            version=after.version,
            action=step.action,
            from_status=before.status,
            status=after.status,
            from_unit=before.unit,
            unit=after.unit,
            resolve_due_at=after.resolve_due_at,
            answered_at=after.answered_at,
            actor=actor.sub,
            role=actor.role,
            at=actor.at,
            note=step.note,
        )
    )
    await outbox.write(conn, [event])


async def page(
    conn: AsyncConnection,
    wanted: Filter,
    *,
    scope: ColumnElement[bool] | None,
    now: datetime,
    after: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Reports newest first, at most `limit`, from the one that follows `after`."""
    c = feedback.c
    conditions = _conditions(wanted, now)
    if scope is not None:
        conditions.append(scope)
    if after is not None:
        conditions.append(tuple_(c.received_at, c.code) < after)
    query = (
        select(
            c.code, c.version, c.channel, c.channel_ref, c.kind, c.category, c.severity, c.title, c.unit, c.status,
            c.received_at, c.accept_due_at, c.accepted_at, c.resolve_due_at, c.answered_at, c.handovers,
        )
        .where(*conditions)
        .order_by(c.received_at.desc(), c.code.desc())
        .limit(limit)
    )  # fmt: skip
    return list(await conn.execute(query))


def _conditions(wanted: Filter, now: datetime) -> list[ColumnElement[bool]]:
    c = feedback.c
    conditions = [
        column == value
        for column, value in (
            (c.status, wanted.status),
            (c.unit, wanted.unit),
            (c.channel, wanted.channel),
            (c.kind, wanted.kind),
            (c.category, wanted.category),
        )
        if value is not None
    ]
    if wanted.since is not None:
        conditions.append(c.received_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(c.received_at < wanted.until)
    late_and_open = and_(c.answered_at.is_(None), c.resolve_due_at < now)
    if wanted.overdue is not None:
        conditions.append(late_and_open if wanted.overdue else ~late_and_open)
    if wanted.words is not None:
        found = literal_column(SEARCH).op("@@")(func.websearch_to_tsquery("simple", wanted.words))
        conditions.append(or_(found, c.code == wanted.words))
    return conditions


async def events_of(conn: AsyncConnection, code: str) -> Sequence[Row[Any]]:
    """The report's history, oldest first."""
    query = select(history).where(history.c.code == code).order_by(history.c.version)
    return (await conn.execute(query)).all()


async def sealed_contact(conn: AsyncConnection, code: str) -> bytes | None:
    """The reporter's contact data as they are kept."""
    sealed: bytes | None = await conn.scalar(select(contacts.c.sealed).where(contacts.c.code == code))
    return sealed


def submitted_by(sub: str) -> ColumnElement[bool]:
    """The scope of one sender's own reports."""
    return feedback.c.submitted_by == sub


def held_by(unit: str) -> ColumnElement[bool]:
    """The scope of what a unit holds."""
    return feedback.c.unit == unit


def _stored(row: Row[Any]) -> Stored:
    return Stored(
        feedback=Feedback(
            code=row.code,
            version=row.version,
            channel=Channel(row.channel),
            kind=FeedbackKind(row.kind),
            category=row.category,
            severity=Severity(row.severity),
            unit=row.unit,
            status=FeedbackStatus(row.status),
            received_at=row.received_at,
            accept_due_at=row.accept_due_at,
            resolve_due_at=row.resolve_due_at,
            accepted_at=row.accepted_at,
            answered_at=row.answered_at,
            transferred_at=row.transferred_at,
            handovers=row.handovers,
            former_units=tuple(row.former_units),
            answer=row.answer,
            outcome=row.outcome,
        ),
        channel_ref=row.channel_ref,
        title=row.title,
        content=row.content,
        lat=row.lat,
        lon=row.lon,
        address=row.address,
        routing=row.routing,
        submitted_by=row.submitted_by,
        secret_digest=row.secret_digest,
    )
