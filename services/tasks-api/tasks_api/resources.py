"""What the service works with, as the routes are handed it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.events import Event, EventData, new_event
from cchc_shared.service import logs
from tasks_api.profile import Profile


@dataclass(frozen=True)
class Resources:
    """The database, the city's documents, and the time."""

    engine: AsyncEngine
    profile: Profile
    clock: Clock

    def today(self) -> date:
        """The local day of the city."""
        return self.profile.calendar.local_date(self.clock.now())

    def event(self, data: EventData, subject: str, version: int, occurred_at: datetime) -> Event:
        """An event of now, in the trace of the request that caused it."""
        return new_event(
            data,
            subject=subject,
            version=version,
            occurred_at=occurred_at,
            recorded_at=self.clock.now(),
            traceparent=logs.traceparent.get(),
        )


async def _resources(request: Request) -> Resources:
    return cast("Resources", request.app.state.resources)


Here = Annotated[Resources, Depends(_resources)]
"""Annotates the parameter by which a route gets them."""
