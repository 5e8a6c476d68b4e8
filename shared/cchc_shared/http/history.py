"""History as every resource shows it."""

from datetime import datetime
from typing import Any

from pydantic import Field

from cchc_shared.http.schemas import Out


class HistoryItem(Out):
    """One change of the resource."""

    version: int = Field(description="Version of the resource after this change")
    action: str
    at: datetime = Field(description="Time at which it happened")
    recorded_at: datetime = Field(description="Time at which the service recorded it")
    from_status: str | None
    status: str
    from_unit: str | None
    unit: str = Field(description="The unit that is responsible for the resource after this change")
    role: str | None = Field(description="Role in which the actor acted")
    note: str | None
    actor: str | None = Field(default=None, description="Subject of the actor's token; shown to officials only")
    details: dict[str, Any] | None = Field(
        default=None, description="Fields that were given with the action; shown to officials only"
    )


class History(Out):
    """All changes of the resource, oldest first. An entry never changes."""

    items: list[HistoryItem]
