"""A report as a given reader sees it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from cchc_shared.http.access import Principal
from feedback_api.contacts.cipher import Contact
from feedback_api.handling.access import is_staff_side
from feedback_api.handling.repository import Stored
from feedback_api.handling.schemas import FeedbackOut, HistoryItem, HistoryOut, LocationOut, ReporterOut


def report(stored: Stored, reader: Principal | None, contact: Contact | None) -> FeedbackOut:
    """Fields that this reader has no part in are not set, and do not appear."""
    feedback = stored.feedback
    official = is_staff_side(reader, stored)
    fields: dict[str, Any] = asdict(feedback) | {
        "channel_ref": stored.channel_ref,
        "title": stored.title,
        "content": stored.content,
        "location": None
        if stored.lat is None or stored.lon is None
        else LocationOut(lat=stored.lat, lon=stored.lon, address=stored.address),
        "routing": stored.routing,
        "reporter": contact,
    }
    if not official and feedback.answered_at is None:
        fields |= {"answer": None, "outcome": None}
    hidden = set() if official else {"former_units", "routing"}
    if contact is None:
        hidden.add("reporter")
    else:
        fields["reporter"] = ReporterOut.model_validate(contact)
    return FeedbackOut.model_validate({name: value for name, value in fields.items() if name not in hidden})


def history(stored: Stored, reader: Principal | None, rows: Sequence[Row[Any]]) -> HistoryOut:
    """Which official acted is told to officials only; who sent the report, to nobody."""
    official = is_staff_side(reader, stored)
    items = []
    for row in rows:
        fields = row._asdict()
        if not official or row.version == 1:
            del fields["actor"]
        items.append(HistoryItem(**fields))
    return HistoryOut(items=items)
