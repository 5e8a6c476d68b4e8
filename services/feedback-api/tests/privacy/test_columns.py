"""Of every column that may hold text somebody has said whether it holds words or leads to the sender."""

from sqlalchemy import LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

import feedback_api.bootstrap  # noqa: F401 - every table is known afterwards
from cchc_shared.storage.personal import SENDER, WORDS, marked
from feedback_api.metadata import METADATA

KITS = {"outbox", "outbox_month", "outbox_trimmed", "parked_event", "parked_event_audit", "tick", "timer"}
"""Tables of the stream and of the clock: the types of events have no field for words or persons."""

CODES = {
    "contact_access": {"code", "action", "role", "actor", "unit", "purpose"},
    "feedback": {
        *("code", "channel", "kind", "category", "severity", "wished_severity", "unit", "held_by", "former_units"),
        *("status", "reply_to", "pauses", "extension", "unjustified", "clock_kind", "clock_severity", "outcome"),
        *("refusal", "duplicate_of", "task", "part_of", "reminded", "erased"),
    },
    "feedback_attachment": {
        *("code", "by", "purpose", "media_type", "sha256", "source_sha256", "thumbnail_sha256", "scan", "decided_by"),
    },
    "feedback_contact": {"code", "key_id"},
    "feedback_discarded_object": {"key"},
    "feedback_erasure": {"code", "what", "rule", "rules_version", "reason", "actor"},
    "feedback_follower": {"code", "sub"},
    "feedback_former_unit": {"unit", "code"},
    "feedback_history": {
        *("code", "action", "from_status", "status", "from_unit", "unit", "role", "held_by", "missed_by", "task"),
    },
    "feedback_out_of_sight": {"reader", "code"},
    "feedback_remark": {"sent_by", "update_id", "code", "status"},
    "feedback_upload": {"code", "by", "purpose", "parts"},
    "idempotency": {"digest", "headers", "about"},
    "publication": {"month", "unit", "document", "sha256", "reason", "actor"},
    "publication_posting": {"month", "unit", "place", "actor"},
    "statistics_cell": {"unit", "month", "channel", "kind", "category"},
    "statistics_change": {"channel", "kind", "category", "unit"},
    "standard_reply": {"unit", "kind", "category", "title", "text", "actor", "role"},
    "units": {"subject", "code", "name", "kind", "successors"},
}
"""Columns of codes, of names of units and officials, of what officials write for everyone, and of digests.

Who follows a report is deleted with its sender, row by row.
"""


def test_every_text_is_declared_one_way_or_the_other() -> None:
    kinds = (Text, LargeBinary, ARRAY, JSONB)
    for table in METADATA.sorted_tables:
        if table.name in KITS or table.name.startswith("stream_"):
            continue
        texts = {column.name for column in table.columns if isinstance(column.type, kinds)}
        personal = {column.name for mark in (WORDS, SENDER) for column in marked(table, mark)}
        undeclared = texts - personal - CODES.get(table.name, set())
        assert not undeclared, (
            f"{table.name}: {undeclared}. Words of people: Column(…, info=WORDS), and erasure empties it, if the table "
            "has the report's `code`. What leads to the sender: info=SENDER. A code: name it here"
        )
        assert not personal & CODES.get(table.name, set())
        assert CODES.get(table.name, set()) <= texts


def test_what_has_words_has_the_code_of_its_report() -> None:
    """Or else erasure does not find its rows. Answers under idempotency keys have it under another name."""
    without = {table.name for table in METADATA.sorted_tables if marked(table, WORDS) and "code" not in table.c}
    assert without == {"idempotency"}
