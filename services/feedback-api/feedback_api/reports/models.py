"""Tables of reports, their history, the contacts of reporters, and attachments."""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cchc_shared.files.discarded import Discarded, discarded_table
from cchc_shared.storage.changes import changed_in
from cchc_shared.storage.history import history_columns
from cchc_shared.storage.personal import SENDER, WORDS
from cchc_shared.storage.search import index_of_words
from feedback_api.metadata import METADATA

CODES_PER_BLOCK: Final = 100
"""A process takes this many numbers from the sequence at once: the event names the code before the row exists."""

# As PostgreSQL writes it back, so that a comparison with the database finds no difference.
STRIP: Final = "floor(lat * 100::double precision)::integer"
"""A strip of the map, a hundredth of a degree (1.1 km) from south to north. Within one the index goes by longitude."""

feedback_number = Sequence("feedback_number", increment=CODES_PER_BLOCK, metadata=METADATA)

feedback = Table(
    "feedback",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column(
        "channel_owner",
        Text,
        nullable=False,
        server_default=text("''"),
        comment="A citizen's subject; empty: the channel itself",
        info=SENDER,
    ),
    Column("channel_ref", Text, info=SENDER),
    Column("kind", Text, nullable=False),
    Column("category", Text),
    Column("severity", Text, nullable=False),
    Column("wished_severity", Text, comment="What a sender asked for who may not decide it"),
    Column("title", Text, info=WORDS),
    Column("content", Text, nullable=False, info=WORDS),
    Column("lat", Double, info=WORDS),
    Column("lon", Double, info=WORDS),
    Column("address", Text, info=WORDS),
    Column("unit", Text, nullable=False),
    Column("held_by", Text),
    Column("former_units", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("routing", JSONB, nullable=False, comment="Why the report went to its first unit", info=WORDS),
    Column("status", Text, nullable=False),
    Column("submitted_by", Text, info=SENDER),
    Column("reply_to", Text, comment="The report that its channel says this one answers"),
    Column("secret_digest", LargeBinary, nullable=False, comment="SHA-256 of the tracking secret", info=SENDER),
    Column(
        "fingerprint",
        LargeBinary,
        comment="Keyed digests of the fields as sent; absent without a channel's id",
        info=SENDER,
    ),
    Column("form", JSONB, comment="What the form of its channel held beyond what every report has", info=WORDS),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("accept_due_at", DateTime(timezone=True), nullable=False),
    Column("accepted_at", DateTime(timezone=True)),
    Column("resolve_due_at", DateTime(timezone=True), nullable=False),
    Column("transferred_at", DateTime(timezone=True)),
    Column("answered_at", DateTime(timezone=True)),
    Column("published_at", DateTime(timezone=True)),
    Column("reopened_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("held_since", DateTime(timezone=True)),
    Column("own_accept_due_at", DateTime(timezone=True)),
    Column("own_accepted_at", DateTime(timezone=True)),
    Column("own_resolve_due_at", DateTime(timezone=True)),
    Column("task", Text, comment="The task that a voters' petition became"),
    Column("part_of", Text, comment="The report that this is one unit's part of"),
    Column("followers", Integer, nullable=False, server_default=text("0")),
    Column("remind_at", DateTime(timezone=True), server_default=text("now()")),
    Column("reminded", JSONB, nullable=False, server_default=text("'[]'")),
    Column("paused_since", DateTime(timezone=True)),
    Column("pauses", JSONB, nullable=False, server_default=text("'[]'")),
    Column("extension", JSONB),
    Column("handovers", SmallInteger, nullable=False, server_default=text("0")),
    Column("unjustified", ARRAY(Integer), nullable=False, server_default=text("'{}'")),
    Column("reopenings", SmallInteger, nullable=False, server_default=text("0")),
    Column("clock_kind", Text),
    Column("clock_severity", Text),
    Column("answer", Text, info=WORDS),
    Column("outcome", Text),
    Column("satisfied", Boolean),
    Column("refusal", Text),
    Column("duplicate_of", Text),
    Column("erased", Text, comment="contact: its sender is not known any more; text: neither are its words"),
    Column(
        "words",
        Text,
        info=WORDS,
        comment="Unmarked words of title, content, address and channel's id; null: not yet made",
    ),
    changed_in(),
)
"""Reports as they stand. `submitted_by` is the subject of the token, which names nobody."""

_newest = (feedback.c.received_at, feedback.c.code)
# The same id of a channel is the same report; what citizens send cannot take an id of the channel itself.
Index(
    "uq_feedback_channel_ref",
    feedback.c.channel,
    feedback.c.channel_owner,
    feedback.c.channel_ref,
    unique=True,
    postgresql_where=text("channel_ref IS NOT NULL"),
)
# One for each way a list is walked, newest first.
Index("ix_feedback_received_at", *_newest)
for _name in ("unit", "status", "channel", "kind"):
    Index(f"ix_feedback_{_name}", feedback.c[_name], *_newest)
for _name in ("submitted_by", "category", "held_by"):
    Index(f"ix_feedback_{_name}", feedback.c[_name], *_newest, postgresql_where=text(f"{_name} IS NOT NULL"))
# For those who ask what has changed since they looked.
_oldest_change = ("changed_in", "code")
Index("ix_feedback_changed", *(feedback.c[_name] for _name in _oldest_change))
Index("ix_feedback_unit_changed", feedback.c.unit, *(feedback.c[_name] for _name in _oldest_change))
for _name in ("submitted_by", "held_by"):
    Index(
        f"ix_feedback_{_name}_changed",
        feedback.c[_name],
        *(feedback.c[_key] for _key in _oldest_change),
        postgresql_where=text(f"{_name} IS NOT NULL"),
    )
# What everyone may see is listed by receipt, whatever became of it after its publication.
Index("ix_feedback_published", *_newest, postgresql_where=text("published_at IS NOT NULL"))
Index("ix_feedback_unanswered", *_newest, postgresql_where=text("answered_at IS NULL AND ended_at IS NULL"))
Index("ix_feedback_part_of", feedback.c.part_of, postgresql_where=text("part_of IS NOT NULL"))
Index("ix_feedback_remind_at", feedback.c.remind_at, postgresql_where=text("remind_at IS NOT NULL"))
# The same answer given again.
Index("ix_feedback_answer", feedback.c.answer, postgresql_using="hash", postgresql_where=text("answer IS NOT NULL"))
# Of all reports, those without a place too: of a partial index the planner would not know how they are spread.
Index("ix_feedback_strip", text(f"({STRIP})"), feedback.c.lon)
index_of_words("ix_feedback_words", feedback.c.words)
# What an older process took in has no words, until the worker has made them.
Index("ix_feedback_wordless", feedback.c.code, postgresql_where=text("words IS NULL"))

former_units = Table(
    "feedback_former_unit",
    METADATA,
    Column("unit", Text, primary_key=True),
    Column("received_at", DateTime(timezone=True), primary_key=True),
    Column("code", Text, primary_key=True),
    changed_in(),
    Index("ix_feedback_former_unit_changed", "unit", "changed_in", "code"),
)
"""Units that held a report before, and may read it still: `former_units` once more, as lists are walked, newest first.
"""

out_of_sight = Table(
    "feedback_out_of_sight",
    METADATA,
    Column("reader", Text, primary_key=True, comment="A unit, or the digest of a sender's subject"),
    Column("code", Text, primary_key=True),
    changed_in(),
    Column("left_at", DateTime(timezone=True), nullable=False, server_default=text("now()"), index=True),
    Index("ix_feedback_out_of_sight_changed", "reader", "changed_in", "code"),
)
"""Reports that somebody could list and cannot any more: a trigger keeps it, and it is forgotten after 30 days. Of an
erased sender no subject stands here: whoever has the token can look its digest up, and nobody can read one from it."""

history = Table(
    "feedback_history",
    METADATA,
    Column("code", Text, primary_key=True),
    *history_columns(),
    Column("resolve_due_at", DateTime(timezone=True), nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("held_by", Text),
    Column("own_accept_due_at", DateTime(timezone=True)),
    Column("own_resolve_due_at", DateTime(timezone=True)),
    Column("paused_since", DateTime(timezone=True)),
    Column("reopenings", SmallInteger, nullable=False, server_default=text("0")),
    Column("satisfied", Boolean),
    Column("missed_by", Text),
    Column("task", Text),
)
"""One row for each version of a report, never changed: who did what, and how the report stood then.

Beside the common columns it has what statistics of a past moment ask for. No foreign key: the row is written in the
statement or transaction of its report, and reports are not deleted.
"""
Index("ix_feedback_history_missed", history.c.missed_by, history.c.code, postgresql_where=text("missed_by IS NOT NULL"))

# For those who ask what has changed since they looked; receipts, which are most of the rows to write, stay out of it.
Index(
    "ix_feedback_history_recorded_at",
    history.c.recorded_at,
    history.c.code,
    history.c.version,
    postgresql_where=text("version > 1"),
)

contacts = Table(
    "feedback_contact",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False, info=SENDER),
    Column("key_id", Text, comment="Of the key that sealed it; null: a seal that is older than the naming of keys"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
"""Sealed contact data, one row for each report whose sender left some. No foreign key: it is erased alone."""

attachments = Table(
    "feedback_attachment",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("uploaded_by", Text, info=SENDER),
    Column("uploaded_at", DateTime(timezone=True), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("caption", Text, info=WORDS),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("source_sha256", LargeBinary, nullable=False, comment="Of the file as it was sent"),
    Column("width", Integer),
    Column("height", Integer),
    Column("thumbnail_sha256", LargeBinary),
    Column("scan", Text, nullable=False),
    Column("public", Boolean, nullable=False, server_default=text("false")),
    Column("decided_by", Text, comment="Who published or hid it last"),
    Column("decided_at", DateTime(timezone=True)),
)
"""Attachments of reports. The bytes are in the object storage, by report and hash; a row without them is an infected
file that was refused. No foreign key, as for contacts: they are erased alone."""
Index("uq_feedback_attachment_number", attachments.c.code, attachments.c.number, unique=True)
# The same bytes from the same side are one attachment.
Index(
    "uq_feedback_attachment_source",
    attachments.c.code,
    attachments.c.by,
    attachments.c.source_sha256,
    unique=True,
)

discarded = discarded_table(METADATA, "feedback_discarded_object")
DISCARDED: Final = Discarded(discarded)
"""Objects to be removed from the storage at a time, unless an attachment refers to them by then."""

followers = Table(
    "feedback_follower",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("sub", Text, primary_key=True, comment="The subject of a citizen's token, which names nobody"),
    Column("since", DateTime(timezone=True), nullable=False),
)
"""Who follows which report of somebody else. No foreign key, as for contacts."""
Index("ix_feedback_follower_sub", followers.c.sub, followers.c.since, followers.c.code)

remarks = Table(
    "feedback_remark",
    METADATA,
    Column("sent_by", Text, primary_key=True),
    Column("update_id", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("description", Text, nullable=False, info=WORDS),
    Column("media_urls", ARRAY(Text), nullable=False, info=WORDS),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
"""Remarks that clients of Open311 pass on, one row for each.

`sent_by` names the key that it came with; `status` is what its writer says.
"""

Index("ix_feedback_remark_code", remarks.c.code, remarks.c.recorded_at)
