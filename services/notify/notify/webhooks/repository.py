"""Webhooks and deliveries in the database.

Whoever changes a webhook or finishes an attempt locks the webhook first: nobody waits for each other in a ring.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    RowMapping,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.records import fields, record, records
from notify.audience.domain import Scope, narrowed, scope_of
from notify.systems.models import systems
from notify.webhooks.domain import Answer, Delivery, DeliveryState, Verdict, Webhook
from notify.webhooks.models import deliveries, webhooks

_W: Final = webhooks.c
_D: Final = deliveries.c
_EARLIER: Final = deliveries.alias("earlier")
_LATER: Final = systems.alias("later")
# As in the partial indexes, so that the planner uses them.
_WAITING: Final = _D.state == DeliveryState.WAITING.value
_FREE: Final = _D.leased_until.is_(None)


class Subscribed(NamedTuple):
    """A webhook with what it may be told now."""

    webhook: Webhook
    scope: Scope


async def add(conn: AsyncConnection, webhook: Webhook) -> None:
    """Store a new one."""
    await conn.execute(insert(webhooks).values(**msgspec.structs.asdict(webhook)))


async def lock_system(conn: AsyncConnection, system: str) -> int:
    """How many webhooks that system has; whoever adds one next waits for this transaction."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"webhooks {system}", 0))))
    return await conn.scalar(select(func.count()).where(_W.system == system)) or 0


async def get(conn: AsyncConnection, id_: UUID, *, lock: bool = False) -> Webhook | None:
    """The webhook with that id."""
    query = select(webhooks).where(_W.id == id_)
    row = (await conn.execute(query.with_for_update(key_share=True) if lock else query)).mappings().first()
    return None if row is None else record(row, Webhook)


async def page(conn: AsyncConnection, system: str | None, after: UUID | None, limit: int) -> Sequence[Webhook]:
    """Webhooks of a system, or of all, by their ids, which are in the order of their making."""
    query = select(webhooks).order_by(_W.id).limit(limit)
    if system is not None:
        query = query.where(_W.system == system)
    if after is not None:
        query = query.where(_W.id > after)
    return records(await conn.execute(query), Webhook)


async def remove(conn: AsyncConnection, id_: UUID) -> None:
    """Delete it with all that was to be sent to it."""
    await conn.execute(delete(webhooks).where(_W.id == id_))


async def change(conn: AsyncConnection, id_: UUID, **values: Any) -> None:
    """Store these columns of a webhook that is locked."""
    await conn.execute(update(webhooks).where(_W.id == id_).values(**values))


async def subscribed(conn: AsyncConnection) -> Sequence[Subscribed]:
    """All webhooks of systems that are not suspended, with what each may be told by its system's newest version."""
    newest = ~exists().where(_LATER.c.code == systems.c.code, _LATER.c.version > systems.c.version)
    reach = (systems.c.routes, systems.c.units.label("system_units"), systems.c.whole_city)
    query = (
        select(webhooks, *reach)
        .join(systems, systems.c.code == _W.system)
        .where(newest, ~systems.c.suspended)
        .order_by(_W.id)
    )
    return [_subscribed(row) for row in (await conn.execute(query)).mappings()]


def _subscribed(row: RowMapping) -> Subscribed:
    values = fields(row)
    scope = scope_of(values.pop("routes"), values.pop("system_units"), whole_city=values.pop("whole_city"))
    webhook = msgspec.convert(values, Webhook)
    return Subscribed(webhook, narrowed(scope, webhook.units))


async def deliver(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Store what is to be sent; an event that a webhook has already is left as it is."""
    if rows:
        await conn.execute(postgresql.insert(deliveries).on_conflict_do_nothing(), rows)


def _due(now: datetime) -> ColumnElement[bool]:
    """Deliveries to be sent now: none is under way, and none of an earlier event of the same thing waits."""
    earlier = exists().where(
        _EARLIER.c.webhook_id == _D.webhook_id,
        _EARLIER.c.aggregate == _D.aggregate,
        _EARLIER.c.version < _D.version,
        _EARLIER.c.state == DeliveryState.WAITING.value,
    )
    return and_(_WAITING, _D.next_at <= now, or_(_FREE, _D.leased_until <= now), ~earlier)


async def due(conn: AsyncConnection, now: datetime) -> Sequence[UUID]:
    """The webhooks to which something may be sent now."""
    query = select(_W.id).where(_W.disabled_for.is_(None), exists().where(_D.webhook_id == _W.id, _due(now)))
    return (await conn.scalars(query)).all()


async def claim(conn: AsyncConnection, id_: UUID, now: datetime, until: datetime, places: int) -> list[Delivery]:
    """Take what is to be sent to a webhook: with what others are sending to it, no more than it has places."""
    free = select(_W.id).where(_W.id == id_, _W.disabled_for.is_(None))
    if await conn.scalar(free.with_for_update(key_share=True, skip_locked=True)) is None:
        return []
    taken = select(func.count()).where(_D.webhook_id == id_, _D.leased_until.is_not(None), _D.leased_until > now)
    left = places - (await conn.scalar(taken) or 0)
    if left <= 0:
        return []
    chosen = select(_D.id).where(_D.webhook_id == id_, _due(now)).order_by(_D.next_at, _D.id).limit(left)
    columns = [_D[name] for name in Delivery.__struct_fields__]
    claiming = update(deliveries).where(_D.id.in_(chosen)).values(leased_until=until, attempts=_D.attempts + 1)
    return records(await conn.execute(claiming.returning(*columns)), Delivery)


async def finish(conn: AsyncConnection, taken: Delivery, verdict: Verdict, answer: Answer, now: datetime) -> bool:
    """Write down what became of an attempt; False if the lease was lost and another attempt has begun since."""
    ended = verdict.state is not DeliveryState.WAITING
    values = {
        "state": verdict.state.value,
        "leased_until": None,
        "ended_at": now if ended else None,
        "status": answer.status,
        "failure": answer.failure,
        **({} if verdict.next_at is None else {"next_at": verdict.next_at}),
    }
    own = (_D.id == taken.id, _D.attempts == taken.attempts, _D.leased_until.is_not(None))
    return bool((await conn.execute(update(deliveries).where(*own).values(**values))).rowcount)


class Range(NamedTuple):
    """Which deliveries: those made in a time, or those of some events."""

    since: datetime | None
    until: datetime | None
    event_ids: Sequence[UUID]


async def replay(conn: AsyncConnection, id_: UUID, wanted: Range, now: datetime, limit: int) -> int:
    """Send these again from the beginning, the oldest first and at most so many; how many. None that is under way."""
    query = select(_D.id).where(_D.webhook_id == id_, _FREE).order_by(_D.id).limit(limit)
    if wanted.event_ids:
        query = query.where(_D.event_id.in_(wanted.event_ids))
    if wanted.since is not None:
        query = query.where(_D.made_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(_D.made_at < wanted.until)
    again = {"state": DeliveryState.WAITING.value, "attempts": 0, "next_at": now, "ended_at": None}
    return (await conn.execute(update(deliveries).where(_D.id.in_(query)).values(**again))).rowcount


async def wake(conn: AsyncConnection, id_: UUID, now: datetime) -> None:
    """Whatever waits for this webhook is due now."""
    await conn.execute(update(deliveries).where(_D.webhook_id == id_, _WAITING, _D.next_at > now).values(next_at=now))


async def deliveries_of(
    conn: AsyncConnection, id_: UUID, state: DeliveryState | None, before: int | None, limit: int
) -> Sequence[RowMapping]:
    """Deliveries of a webhook, the newest first."""
    query = select(deliveries).where(_D.webhook_id == id_).order_by(_D.id.desc()).limit(limit)
    if state is not None:
        query = query.where(_D.state == state.value)
    if before is not None:
        query = query.where(_D.id < before)
    return (await conn.execute(query)).mappings().all()


async def forget(conn: AsyncConnection, until: datetime, limit: int) -> int:
    """Delete deliveries that were made before then, whatever became of them; how many."""
    old = select(_D.id).where(_D.made_at < until).order_by(_D.made_at).limit(limit)
    return (await conn.execute(delete(deliveries).where(_D.id.in_(old)))).rowcount


class Standing(NamedTuple):
    """How it stands with all webhooks together."""

    oldest: datetime | None
    """When the oldest delivery was made that waits for a webhook that is enabled."""
    disabled: int
    """Webhooks that were disabled because of their receivers."""


async def standing(conn: AsyncConnection) -> Standing:
    """How it stands now."""
    oldest = select(func.min(_D.made_at)).join(webhooks, _W.id == _D.webhook_id)
    disabled = select(func.count()).where(_W.disabled_for.in_(("gone", "failing")))
    return Standing(
        await conn.scalar(oldest.where(_WAITING, _W.disabled_for.is_(None))), await conn.scalar(disabled) or 0
    )
