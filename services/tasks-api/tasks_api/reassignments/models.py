"""Tables of the runs that move open work to the heirs of units that ended."""

from sqlalchemy import BigInteger, Column, Date, DateTime, ForeignKey, Identity, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from cchc_shared.storage.personal import SENDER, WORDS
from tasks_api.metadata import METADATA

reassignments = Table(
    "reassignments",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("document_no", Text, nullable=False, comment="of the legal document"),
    Column("reason", Text, nullable=False, info=WORDS),
    Column("rows", JSONB, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("started_by", Text, nullable=False, info=SENDER),
    Column("role", Text, nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    # One at a time: two mappings at once would divide the work by chance.
    Index("ix_reassignments_unfinished", text("(finished_at IS NULL)"), unique=True,
          postgresql_where=text("finished_at IS NULL")),
    comment="Runs that move open work to the heirs of units that ended",
)  # fmt: skip

reassignment_outcomes = Table(
    "reassignment_outcomes",
    METADATA,
    Column("reassignment_id", BigInteger, ForeignKey("reassignments.id"), primary_key=True),
    Column("work", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("seat", Text, primary_key=True),
    Column("from_unit", Text, nullable=False),
    Column("from_until", Date, nullable=False, comment="last day of the unit that ended"),
    Column("to_unit", Text, comment="null: it waits"),
    Column("why", Text, comment="why it waits"),
    Index("ix_reassignment_outcomes_nobody", "work", "code", "seat", postgresql_where=text("why = 'nobody_named'")),
    comment="What a run did with each piece of work: moved with its event, or left waiting",
)
