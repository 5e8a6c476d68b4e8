"""A voters' petition that became a task is linked to it, and scored once."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.contract.events.task import TaskAssigned
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Subscription
from feedback_api.petitions.service import Petitions
from feedback_api.reports.store import workflow


def _open(here: Context) -> Petitions:
    return Petitions(here.clock, workflow(here))


async def follow(conn: AsyncConnection, events: Sequence[Event], here: Context) -> None:
    """Link what the assigned tasks say they come from."""
    for event in events:
        if isinstance(event.data, TaskAssigned) and event.data.petition is not None:
            await here.use(Petitions).link(conn, event.data.petition, event.data.code, event.occurred_at)


FEATURE = Feature("petitions", provides={Petitions: _open}, subscribes=(Subscription((TaskAssigned,), follow),))
