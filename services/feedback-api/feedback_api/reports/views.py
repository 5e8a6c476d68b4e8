"""A report as a given reader sees it."""

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import RowMapping

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal
from feedback_api.deadlines.domain import Deadlines
from feedback_api.reports.access import is_official, possible
from feedback_api.reports.domain import Feedback, is_provisional
from feedback_api.reports.schemas import FeedbackHistory, FeedbackHistoryItem, FeedbackOut, LocationOut

_FOR_OFFICIALS: Final = (
    "former_units", "held_by", "held_since", "own_accept_due_at", "own_accepted_at", "unjustified", "routing",
    "wished_severity", "part_of",
)  # fmt: skip

_OF_HISTORY_FOR_OFFICIALS: Final = ("details", "own_accept_due_at", "own_resolve_due_at", "resolve_due_at", "missed_by")


def report(feedback: Feedback, reader: Principal | None, deadlines: Deadlines) -> FeedbackOut:
    """Fields that this reader has no part in are not set, and do not appear."""
    fields = msgspec.structs.asdict(feedback) | {
        "location": _location(feedback),
        "provisional": is_provisional(feedback, deadlines),
        "possible": possible(reader, feedback),
    }
    if not is_official(reader, feedback):
        for name in _FOR_OFFICIALS:
            del fields[name]
        if feedback.answered_at is None:
            fields |= {"answer": None, "outcome": None}
    if feedback.erased is None:
        del fields["erased"]
    return FeedbackOut.model_validate(fields)


def _location(feedback: Feedback) -> LocationOut | None:
    if feedback.lat is None and feedback.lon is None and feedback.address is None:
        return None
    return LocationOut(lat=feedback.lat, lon=feedback.lon, address=feedback.address)


def history(feedback: Feedback, reader: Principal | None, rows: Sequence[RowMapping]) -> FeedbackHistory:
    """Which official acted, with which details, and whose duty it was is told to officials only; who sent the report,
    to nobody."""
    official = is_official(reader, feedback)
    items = []
    for row in rows:
        fields = {str(name): row[name] for name in FeedbackHistoryItem.model_fields if name in row}
        if official:
            fields["holder"] = row["held_by"] or row["unit"]
        else:
            for name in _OF_HISTORY_FOR_OFFICIALS:
                del fields[name]
        if not official or row["version"] == 1 or row["role"] == Role.CITIZEN or row["actor"] == feedback.submitted_by:
            del fields["actor"]
        items.append(FeedbackHistoryItem.model_validate(fields))
    return FeedbackHistory(items=items)
