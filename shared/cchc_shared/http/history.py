"""History as every resource shows it."""

from datetime import datetime
from typing import Any

from pydantic import Field

from cchc_shared.http.schemas import Out


class HistoryItem(Out):
    """One thing that happened."""

    version: int = Field(description="Of the resource after it")
    action: str
    at: datetime = Field(description="When it happened")
    recorded_at: datetime = Field(description="When it was written down")
    from_status: str | None
    status: str
    from_unit: str | None
    unit: str = Field(description="The unit that answers for it from then on")
    role: str | None = Field(description="In which the actor acted")
    note: str | None
    actor: str | None = Field(default=None, description="For officials only")
    details: dict[str, Any] | None = Field(default=None, description="What was given with the action; for officials")


class History(Out):
    """Oldest first; never changed afterwards."""

    items: list[HistoryItem]
