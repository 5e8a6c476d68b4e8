"""Query of the list of reports."""

from typing import Annotated, Literal

from pydantic import Field

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import UnitCode, bounded
from feedback_api.reports.schemas import ReceivedBetween

RoutedBy = Literal["sender", "successor", "rule", "queue"]


class FeedbackQuery(ReceivedBetween):
    """Filters of the list; an absent one does not narrow it."""

    status: FeedbackStatus | None = None
    unit: UnitCode | None = None
    channel: Channel | None = None
    kind: FeedbackKind | None = None
    category: Annotated[str, bounded(60, min_length=1)] | None = None
    routed: RoutedBy | None = Field(
        default=None,
        description="How the report came to its first unit: `sender`: who sent it named it; `successor`: it follows "
        "the one that was named; `rule`: a rule chose it; `queue`: none of these, so that the desk has it",
    )
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
