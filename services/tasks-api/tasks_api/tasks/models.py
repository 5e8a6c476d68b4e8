"""Tables of tasks. Indexes end in the key of the list, newest first, so that a page costs the same at any depth."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

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
    Column("parent", Text, ForeignKey("tasks.code")),
    Column("title", Text, nullable=False),
    Column("lead_unit", Text, nullable=False),
    Column("coordinating_units", ARRAY(Text), nullable=False),
    Column("former_leads", ARRAY(Text), nullable=False),
    Column("assigning_unit", Text, nullable=False),
    Column("assigned_at", DateTime(timezone=True), nullable=False),
    Column("fanned_out", Boolean, nullable=False),
    Column("due_text", Text, nullable=False, comment="the deadline as it was worded"),
    Column("due_on", Date),
    Column("due_at", DateTime(timezone=True), comment="first instant after the local day due_on"),
    Column("planned_due_on", Date, comment="the last day at first"),
    Column("late_from", DateTime(timezone=True), comment="due time that its lead missed before it got more time"),
    Column("product", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("petition", Text, comment="The voters' petition that it comes from"),
    Column("urgency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("approvals", Integer, nullable=False),
    Column("reported_at", DateTime(timezone=True)),
    Column("reported_by", Text),
    Column("endorsed_by", Text, comment="who gave the first approval"),
    Column("completed_at", DateTime(timezone=True), comment="instant of the report that was approved"),
    Column("extensions", Integer, nullable=False),
    Column("requested_due_on", Date),
    Column("handovers", Integer, nullable=False),
    Column("unjustified", ARRAY(Integer), nullable=False, server_default="{}"),
    Column("version", Integer, nullable=False),
    Column("search", Text, comment="Unmarked words of code, title, product and source; null: not yet made"),
    # Processes of the former version search by this one; it goes with the next.
    Column(
        "words",
        TSVECTOR,
        Computed("to_tsvector('simple', title || ' ' || product || ' ' || source)", persisted=True),
        nullable=False,
    ),
    Index("ix_tasks_plan_id", "plan", "id"),
    Index("ix_tasks_parent", "parent", postgresql_where=text("parent IS NOT NULL")),
    Index("ix_tasks_status_id", "status", "id"),
    Index("ix_tasks_due_on_id", "due_on", "id"),
    Index("ix_tasks_open", "id", postgresql_where=text("status NOT IN ('completed', 'closed')")),
    Index("ix_tasks_words", "words", postgresql_using="gin"),
)

index_of_words("ix_tasks_search", tasks.c.search)
# What an older process stored has no words, until the worker has made them.
Index("ix_tasks_wordless", tasks.c.id, postgresql_where=text("search IS NULL"))

task_parties = Table(
    "task_parties",
    METADATA,
    Column("unit", Text, primary_key=True),
    Column("task_id", BigInteger, ForeignKey("tasks.id"), primary_key=True),
    Column("roles", ARRAY(Text), nullable=False, comment="lead, coordinating, former_lead, assigning, related"),
    Index("ix_task_parties_task_id", "task_id"),
    comment="Which units may read a task, and what they are to it; groups stand as their members",
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
    comment="Every change, append only: what a task was on any day",
)
