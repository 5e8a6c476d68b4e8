"""What gateways tell each other of callers. Not in the contract, so the gateway forwards nothing here."""

from typing import Annotated

from fastapi import APIRouter

from cchc_shared.http.access import Principal, public
from cchc_shared.service.context import use
from notify.limits.schemas import AdditionIn, Owed
from notify.limits.service import CallerLimits

internal = APIRouter(prefix="/internal/limits", tags=["systems"], include_in_schema=False)


@internal.post("/add")
async def add(
    body: AdditionIn, service: Annotated[CallerLimits, use(CallerLimits)], _: Annotated[Principal | None, public()]
) -> Owed:
    """Adds what one gateway has let callers do, and says what they owe to all."""
    return await service.add(body)
