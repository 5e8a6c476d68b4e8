"""Tables of duties, of occurrences, and of the events behind them."""

from sqlalchemy import Column, Date, DateTime, Index, Integer, Table, Text, Uuid, text

from scoring_worker.metadata import METADATA

duty = Table(
    "duty",
    METADATA,
    Column("aggregate", Text, primary_key=True, comment="Aggregate type and id"),
    Column("measure", Text, primary_key=True),
    Column("opened_version", Integer, primary_key=True, comment="Version of the event that opened it"),
    Column("code", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("month", Date, nullable=False, comment="First day of the local month it counts in"),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, comment="When the producer wrote the opening down"),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="First instant at which it is late"),
    Column("done_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True), comment="When it ceased to be this unit's"),
    Column("closed_version", Integer, comment="Version of the event that closed it"),
    Column("counted", Text, comment="State in which the counts hold it"),
    Column("done_recorded_at", DateTime(timezone=True), comment="When the producer wrote down that it was done"),
    Column("ended_recorded_at", DateTime(timezone=True), comment="When the producer wrote down that it ended"),
    Column(
        "due_month", Date, comment="First day of the local month it falls due in, where it counts in an earlier one"
    ),
    Index("ix_duty_month_unit", "month", "unit"),
    Index("ix_duty_pending", "due_at", postgresql_where=text("counted = 'pending'")),
)

occurrence = Table(
    "occurrence",
    METADATA,
    Column("aggregate", Text, primary_key=True, comment="Aggregate type and id"),
    Column("measure", Text, primary_key=True),
    Column("version", Integer, primary_key=True, comment="Version of the event that it is"),
    Column("code", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("month", Date, nullable=False, comment="First day of the local month it counts in"),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False, comment="When the producer wrote it down"),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("withdrawn_recorded_at", DateTime(timezone=True)),
    Index("ix_occurrence_month_unit", "month", "unit"),
)

event = Table(
    "event",
    METADATA,
    Column("aggregate", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
