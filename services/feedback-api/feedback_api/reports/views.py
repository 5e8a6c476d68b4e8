"""A report as a given reader sees it."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import RowMapping

from cchc_shared.http.access import Principal
from cchc_shared.http.history import History, HistoryItem
from feedback_api.deadlines.domain import Deadlines
from feedback_api.reports.access import is_official, possible
from feedback_api.reports.contacts import Contact
from feedback_api.reports.domain import Feedback, is_provisional
from feedback_api.reports.schemas import FeedbackOut, LocationOut


def report(
    feedback: Feedback, reader: Principal | None, deadlines: Deadlines, contact: Contact | None = None
) -> FeedbackOut:
    """Fields that this reader has no part in are not set, and do not appear."""
    fields = msgspec.structs.asdict(feedback) | {
        "location": _location(feedback),
        "provisional": is_provisional(feedback, deadlines),
        "possible": possible(reader, feedback),
    }
    if not is_official(reader, feedback):
        del fields["former_units"], fields["routing"], fields["wished_severity"]
        if feedback.answered_at is None:
            fields |= {"answer": None, "outcome": None}
    if contact is not None:
        fields["reporter"] = contact
    return FeedbackOut.model_validate(fields)


def _location(feedback: Feedback) -> LocationOut | None:
    if feedback.lat is None and feedback.lon is None and feedback.address is None:
        return None
    return LocationOut(lat=feedback.lat, lon=feedback.lon, address=feedback.address)


def history(feedback: Feedback, reader: Principal | None, rows: Sequence[RowMapping]) -> History:
    """Which official acted, and with which details, is told to officials only; who sent the report, to nobody."""
    official = is_official(reader, feedback)
    items = []
    for row in rows:
        fields = dict(row)
        if not official:
            del fields["details"]
        if not official or row["version"] == 1:
            del fields["actor"]
        items.append(HistoryItem.model_validate(fields))
    return History(items=items)
