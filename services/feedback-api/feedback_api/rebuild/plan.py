"""The tables of feedback that a rebuild makes from the log of events: only the units. Reports come from people."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.directory import repository
from cchc_shared.directory.models import units
from cchc_shared.service.rebuild import RebuildPlan
from feedback_api.metadata import METADATA

SCHEMA: Final = "feedback_rebuild"


class _Follow:
    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        if defined := [event for event in events if isinstance(event.data, UnitDefined)]:
            await repository.define(conn, defined)


PLAN: Final = RebuildPlan(schema=SCHEMA, metadata=METADATA, effects=(units,), handler=_Follow())
