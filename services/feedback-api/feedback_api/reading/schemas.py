"""Query of the list of reports."""

from typing import Annotated, Literal

from pydantic import Field

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus
from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.received import ReceivedBetween
from cchc_shared.http.schemas import UnitCode, bounded
from cchc_shared.http.since import Since
from feedback_api.reports.schemas import Near

RoutedBy = Literal["sender", "successor", "rule", "queue"]


class FeedbackQuery(ReceivedBetween, Near):
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
    mine: bool = Field(default=False, description="True: only reports that the caller sent")
    held_by_me: bool = Field(default=False, description="True: only reports that the caller's unit answers for now")
    q: Annotated[str, bounded(200, min_length=1)] | None = Field(
        default=None,
        description="Words of the report, of its address or of the channel's id, or its code. Words without marks find "
        "all that are spelt so; with marks only these, or none at all. In quotation marks: words that follow one "
        "another",
    )
    view: Literal["full", "brief"] = Field(default="full", description="`brief`: only what a short list shows")
    since: Since = None
    cursor: Cursor = None
    limit: Limit = 50
