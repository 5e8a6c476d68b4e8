"""History in one shape: who did what when, and how the thing stood before and after. Append only."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Column, DateTime, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from cchc_shared.storage.personal import SENDER, WORDS

GRACE: Final = timedelta(minutes=5)
"""What is recorded carries the time at which its transaction began. So long after an instant, all transactions that
began before it have ended: what is counted of that time then is what anybody counts of it later."""


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a history: `role` is the one in which the actor acted, `note` what the person affected may read."""

    version: int
    action: str
    from_status: str | None
    status: str
    from_unit: str | None
    unit: str
    actor: str | None
    role: str | None
    at: datetime
    recorded_at: datetime
    note: str | None = None
    details: Mapping[str, Any] = msgspec.field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """By column name."""
        return msgspec.structs.asdict(self) | {"details": dict(self.details)}


def history_columns() -> list[Column[Any]]:
    """The columns of an `HistoryEntry`; the feature adds the key of its thing, and what past dates are asked for."""
    return [
        Column("version", Integer, primary_key=True),
        Column("action", Text, nullable=False),
        Column("from_status", Text),
        Column("status", Text, nullable=False),
        Column("from_unit", Text),
        Column("unit", Text, nullable=False),
        Column("actor", Text, info=SENDER),
        Column("role", Text),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        Column("note", Text, info=WORDS),
        Column("details", JSONB, nullable=False, server_default=text("'{}'"), info=WORDS),
    ]
