"""Tables of tasks. Indexes end in the key of the list, newest first, so that a page costs the same at any depth."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from cchc_shared.storage.changes import changed_in
from cchc_shared.storage.history import history_columns
from cchc_shared.storage.search import index_of_words
from tasks_api.metadata import METADATA

tasks = Table(
    "tasks",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("plan", Text, ForeignKey("plans.code")),
    Column("number", Integer),
    Column("written_number", Text, nullable=False, server_default="", comment="as the document has it"),
    Column("section", Text, nullable=False, server_default="", comment="headings of the document above it"),
    Column("parent", Text, ForeignKey("tasks.code")),
    Column("title", Text, nullable=False),
    Column("lead_unit", Text, nullable=False),
    Column("coordinating_units", ARRAY(Text), nullable=False),
    Column("former_leads", ARRAY(Text), nullable=False),
    Column("officer", Text, comment="subject of the token of who does it"),
    Column("assigning_unit", Text, nullable=False),
    Column("assigned_at", DateTime(timezone=True), nullable=False),
    Column("fanned_out", Boolean, nullable=False),
    Column("due_text", Text, nullable=False, comment="the deadline as it was worded"),
    Column("due_on", Date),
    Column("due_at", DateTime(timezone=True), comment="first instant after the local day due_on"),
    Column("planned_due_on", Date, comment="the last day at first"),
    Column("late_from", DateTime(timezone=True), comment="due time that its lead missed before it got more time"),
    Column(
        "schedule",
        JSONB(none_as_null=True),
        comment="what its wording says beside the last day: milestones, rhythms, trigger",
    ),
    Column("product", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("petition", Text, comment="The voters' petition that it comes from"),
    Column("document", Text, comment="code of the registered document that it comes from"),
    Column("urgency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("approvals", Integer, nullable=False),
    Column("reported_at", DateTime(timezone=True)),
    Column("reported_by", Text),
    Column("endorsed_by", Text, comment="who gave the first approval"),
    Column("completed_at", DateTime(timezone=True), comment="instant of the report that was approved"),
    Column("product_number", Text, comment="number of the document in which the product was issued"),
    Column("product_date", Date, comment="date of that document"),
    Column("quality", SmallInteger, comment="mark of the second approval, 1 to 5"),
    Column("extensions", Integer, nullable=False),
    Column("requested_due_on", Date),
    Column("handovers", Integer, nullable=False),
    Column("unjustified", ARRAY(Integer), nullable=False, server_default="{}"),
    Column("urgings", Integer, nullable=False, server_default="0"),
    Column("urged_at", DateTime(timezone=True)),
    Column("version", Integer, nullable=False),
    Column("search", Text, comment="Unmarked words of code, title, product and source; null: not yet made"),
    # Processes of the former version search by this one; it goes with the next.
    Column(
        "words",
        TSVECTOR,
        Computed("to_tsvector('simple', title || ' ' || product || ' ' || source)", persisted=True),
        nullable=False,
    ),
    changed_in(),
    Index("ix_tasks_plan_id", "plan", "id"),
    Index("ix_tasks_parent", "parent", postgresql_where=text("parent IS NOT NULL")),
    Index("ix_tasks_document_id", "document", "id", postgresql_where=text("document IS NOT NULL")),
    Index("ix_tasks_status_id", "status", "id"),
    Index("ix_tasks_due_on_id", "due_on", "id"),
    Index("ix_tasks_officer_id", "officer", "id", postgresql_where=text("officer IS NOT NULL")),
    # Of what is open, that which is late is found without a look at the tasks that are not.
    Index(
        "ix_tasks_open_late",
        "id",
        text("COALESCE(late_from, due_at)"),
        "reported_at",
        postgresql_where=text("status NOT IN ('completed', 'closed')"),
    ),
    Index("ix_tasks_words", "words", postgresql_using="gin"),
    Index("ix_tasks_changed", "changed_in", "id"),
)

CELL = 4096
IN_CELL: ColumnElement[Any] = literal_column(f"ARRAY[id / {CELL}]")
"""The cell of ids that a task is in: so the index finds words in some cells, and does not look at all others."""
index_of_words("ix_tasks_search_cells", tasks.c.search, IN_CELL)
# What an older process stored has no words, until the worker has made them.
Index("ix_tasks_wordless", tasks.c.id, postgresql_where=text("search IS NULL"))

task_parties = Table(
    "task_parties",
    METADATA,
    Column("unit", Text, primary_key=True),
    Column("task_id", BigInteger, ForeignKey("tasks.id"), primary_key=True),
    Column("roles", ARRAY(Text), nullable=False, comment="lead, coordinating, former_lead, assigning, related"),
    # Kept by triggers: what `repository.is_overdue` says of the task.
    Column(
        "open_late_at",
        DateTime(timezone=True),
        comment="the first instant at which the task, open and not reported in time, is late",
    ),
    changed_in(),
    Index("ix_task_parties_task_id", "task_id"),
    Index("ix_task_parties_changed", "unit", "changed_in", "task_id"),
    # Of a unit's tasks, that which is late is found without a look at the tasks that are not.
    Index(
        "ix_task_parties_open_late",
        "unit",
        "task_id",
        "open_late_at",
        postgresql_where=text("open_late_at IS NOT NULL"),
    ),
    comment="Which units may read a task, and what they are to it; groups stand as their members",
)

task_out_of_sight = Table(
    "task_out_of_sight",
    METADATA,
    Column("unit", Text, primary_key=True),
    Column("task_id", BigInteger, ForeignKey("tasks.id"), primary_key=True),
    changed_in(),
    Column("left_at", DateTime(timezone=True), nullable=False, server_default=text("now()"), index=True),
    Index("ix_task_out_of_sight_changed", "unit", "changed_in", "task_id"),
    comment="Tasks that a unit could read and cannot any more; kept by triggers, and forgotten after 30 days",
)

task_history = Table(
    "task_history",
    METADATA,
    Column("task_id", BigInteger, ForeignKey("tasks.id"), primary_key=True),
    *history_columns(),
    Column("due_on", Date),
    Column("completed_at", DateTime(timezone=True)),
    Column("late_from", DateTime(timezone=True)),
    Column("reported_at", DateTime(timezone=True)),
    Column("missed_by", Text, comment="unit whose duty this change ended unmet"),
    Index("ix_task_history_missed_by", "missed_by", "task_id", postgresql_where=text("missed_by IS NOT NULL")),
    comment="Every change, append only: what a task was on any day",
)

task_rhythms = Table(
    "task_rhythms",
    METADATA,
    Column("task_id", BigInteger, ForeignKey("tasks.id"), primary_key=True),
    Column("number", Integer, primary_key=True, comment="place of the rhythm in the schedule of the task"),
    Column("next_on", Date, nullable=False, comment="last day of the next occurrence"),
    Column("create_at", DateTime(timezone=True), nullable=False, comment="instant as of which it is assigned"),
    Index("ix_task_rhythms_create_at", "create_at"),
    comment="Which occurrence of each rhythm is assigned next; no row once a rhythm has ended",
)

task_steps = Table(
    "task_steps",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("task_id", BigInteger, ForeignKey("tasks.id"), nullable=False),
    Column("position", Integer, nullable=False, comment="order within the task; of steps that stand, from 1"),
    Column("text", Text, nullable=False),
    Column("due_on", Date),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("added_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True)),
    Column("changed_by", Text),
    Column("done_at", DateTime(timezone=True)),
    Column("done_by", Text),
    Column("removed_at", DateTime(timezone=True)),
    Column("removed_by", Text),
    Column("version", Integer, nullable=False),
    Index("ix_task_steps_task_id_position", "task_id", "position"),
    comment="The procedure of a task: its steps, in their order; what was removed stays as a trace",
)

task_evidence = Table(
    "task_evidence",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("task_id", BigInteger, ForeignKey("tasks.id"), nullable=False),
    Column("code", Text, nullable=False, comment="of the task: the folder of its objects"),
    Column("number", Integer, nullable=False, comment="within the task: the name that readers see has it"),
    Column("caption", Text),
    Column("url", Text, comment="of a link; what follows is of a file"),
    Column("media_type", Text),
    Column("size", Integer),
    Column("sha256", LargeBinary, comment="of the bytes that are kept and served"),
    Column("source_sha256", LargeBinary, comment="of the file as it was sent"),
    Column("scanned", Boolean, nullable=False, comment="whether a scanner looked and found no malware"),
    Column("unit", Text, nullable=False, comment="the lead at that time"),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("added_by", Text, nullable=False),
    Column("removed_at", DateTime(timezone=True)),
    Column("removed_by", Text),
    Index("uq_task_evidence_task_id_number", "task_id", "number", unique=True),
    # The same bytes are one file.
    Index(
        "uq_task_evidence_source",
        "task_id",
        "source_sha256",
        unique=True,
        postgresql_where=text("removed_at IS NULL AND source_sha256 IS NOT NULL"),
    ),
    comment="Files and links that show the product of a task; what was removed stays as a trace, without its bytes",
)

task_progress_reports = Table(
    "task_progress_reports",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("task_id", BigInteger, ForeignKey("tasks.id"), nullable=False),
    Column("percent", SmallInteger, nullable=False),
    Column("content", Text, nullable=False),
    Column("obstacles", Text),
    Column("unit", Text, nullable=False, comment="the lead at that time"),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("reported_by", Text, nullable=False),
    Column("answer", Text, comment="of the assigning unit to the obstacles; given once"),
    Column("answered_at", DateTime(timezone=True)),
    Column("answered_by", Text),
    Index("ix_task_progress_reports_task_id_id", "task_id", "id"),
    Index(
        "ix_task_progress_reports_unanswered",
        "id",
        postgresql_where=text("obstacles IS NOT NULL AND answered_at IS NULL"),
    ),
    comment="How far a task is, as its lead reports before it is done; never changed, but for one answer",
)
