"""Query of the list of reports."""

from typing import Annotated

from pydantic import Field

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import UnitCode, bounded
from feedback_api.reports.schemas import ReceivedBetween


class FeedbackQuery(ReceivedBetween):
    """Filters of the list; an absent one does not narrow it."""

    status: FeedbackStatus | None = None
    unit: UnitCode | None = None
    channel: Channel | None = None
    kind: FeedbackKind | None = None
    category: Annotated[str, bounded(60, min_length=1)] | None = None
    overdue: bool | None = Field(
        default=None, description="True: only reports that are not answered although `resolve_due_at` is reached"
    )
    own_overdue: bool | None = Field(
        default=None, description="True: only reports that their holder has not answered in its own time"
    )
    q: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None, description="Words of the report, or its code"
    )
    cursor: Cursor = None
    limit: Limit = 50
