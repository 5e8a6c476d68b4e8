"""What the API works with, as its routes are handed it."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.working_time import WorkingCalendar
from scoring_worker.scores.service import Scores


@dataclass(frozen=True, slots=True)
class Resources:
    """The use cases, wired to the database and the time."""

    engine: AsyncEngine
    calendar: WorkingCalendar
    scores: Scores


async def _resources(request: Request) -> Resources:
    return cast("Resources", request.app.state.resources)


Here = Annotated[Resources, Depends(_resources)]
"""Annotates the parameter by which a route gets them."""
