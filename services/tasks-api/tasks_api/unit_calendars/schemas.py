"""Request and response models of the calendars of units."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Out, bounded


class CalendarLinkIn(In):
    name: Annotated[str, bounded(100)] = Field(
        default="", description="What the link is for, such as the calendar of an office: by this it is found again"
    )


class CalendarLinkQuery(In):
    cursor: Cursor = None
    limit: Limit = 50


class CalendarLinkOut(Out):
    id: int
    unit: str
    name: str
    created_at: datetime
    revoked_at: datetime | None = Field(description="From then on it opens nothing")


class CalendarLinkMade(CalendarLinkOut):
    path: str = Field(
        description="Path of the calendar with the secret, to be put behind the address of this system. It is shown "
        "this once: the secret is not kept"
    )


class CalendarLinkPage(Out):
    items: list[CalendarLinkOut]
    next_cursor: str | None
