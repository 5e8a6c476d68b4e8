"""What is asked of a stream of events."""

from typing import Annotated, Final

from fastapi import Header
from pydantic import Field, StringConstraints

from cchc_shared.http.field_errors import pattern
from cchc_shared.http.schemas import In
from notify.live.domain import EARLIEST

_UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ID: Final = pattern(
    f"^(?:{_UUID}|{EARLIEST})$",
    vi=f"phải là `id` của một sự kiện đã nhận, hoặc `{EARLIEST}`",
    en=f"must be the id of an event that was received, or {EARLIEST}",
)
TYPES: Final = pattern(
    r"^[a-z0-9_.]+(?:,[a-z0-9_.]+)*$",
    vi="phải là các tên loại sự kiện, cách nhau bằng dấu phẩy",
    en="must be names of event types, with commas between",
)
UNITS: Final = pattern(
    r"^[^\s,\x00]+(?:,[^\s,\x00]+)*$",
    vi="phải là các mã đơn vị, cách nhau bằng dấu phẩy",
    en="must be codes of units, with commas between",
)
EventId = Annotated[str, StringConstraints(max_length=36, pattern=ID)]
LastEventId = Annotated[
    EventId | None,
    Header(
        alias="Last-Event-ID",
        description="The newest `id` that was received: what came after it is told. Clients of EventSource send it by "
        "themselves when they come again; it counts more than `last_event_id`",
    ),
]


class StreamQuery(In):
    """What is to be told, from where on and for how long."""

    types: Annotated[str, StringConstraints(max_length=2000, pattern=TYPES)] | None = Field(
        default=None, description="Event types, with commas between; absent: all that the caller is told"
    )
    units: Annotated[str, StringConstraints(max_length=2000, pattern=UNITS)] | None = Field(
        default=None, description="Codes of units, with commas between; absent: all that the caller is told of"
    )
    last_event_id: EventId | None = Field(
        default=None,
        description="As the header, for who opens a stream without one; `earliest`: all that is kept. Absent: from now",
    )
    seconds: int | None = Field(
        default=None,
        ge=0,
        le=3600,
        description="The answer ends after so many seconds; 0: when it has told what there is. Absent: it goes on",
    )

    @property
    def types_wanted(self) -> list[str]:
        return [] if self.types is None else self.types.split(",")

    @property
    def units_wanted(self) -> list[str]:
        return [] if self.units is None else self.units.split(",")
