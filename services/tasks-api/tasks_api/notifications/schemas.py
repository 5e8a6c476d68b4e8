"""Request and response models of notifications."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self

import msgspec
from pydantic import Field

from cchc_shared.contract.codes import Role
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Out
from tasks_api.notifications.domain import Notification, NotificationKind, wording


class NotificationQuery(In):
    unread: bool | None = Field(default=None, description="True: what the caller has not read yet; false: the rest")
    cursor: Cursor = None
    limit: Limit = 50


class WordingOut(Out):
    vi: str
    en: str


class NotificationOut(Out):
    id: int
    unit: str = Field(description="The unit that is told")
    role: Role = Field(description="Everyone who holds this role in the unit is told")
    kind: NotificationKind
    subject: str = Field(description="Code of what it is about")
    href: str = Field(description="Where that is read")
    due_on: date | None = Field(description="The last day of what it is about, as of the notification")
    days: int | None = Field(description="Of a reminder: so many days before the last day; negative after it")
    at: datetime = Field(description="As of when it holds, however late it was recorded")
    recorded_at: datetime
    text: WordingOut
    read_at: datetime | None = Field(description="When this caller read it first")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Of a row of the table, with `read_at`."""
        notification = msgspec.convert(row, Notification)
        return cls.model_validate(
            {**row, "href": notification.place, "text": msgspec.structs.asdict(wording(notification))}
        )


class NotificationPage(Out):
    items: list[NotificationOut]
    next_cursor: str | None
