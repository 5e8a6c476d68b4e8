"""Follows the directory of units by its events."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.contract.events.unit import UnitDefined
from feedback_api.models import units

_FIELDS = ("version", "code", "valid_from", "valid_to")


class UnitsHandler:
    """Keeps each unit as its last event defined it; events of other aggregates are none of its business."""

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        last = {event.subject: _row(event, event.data) for event in events if isinstance(event.data, UnitDefined)}
        if not last:
            return
        statement = insert(units)
        changed = {name: statement.excluded[name] for name in _FIELDS}
        await conn.execute(
            statement.on_conflict_do_update(index_elements=[units.c.subject], set_=changed), list(last.values())
        )


def _row(event: Event, unit: UnitDefined) -> dict[str, object]:
    return {
        "subject": event.subject,
        "version": event.version,
        "code": unit.code,
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
    }
