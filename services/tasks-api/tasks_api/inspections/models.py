"""Tables of inspections. Indexes end in the key of the list, so that a page costs the same at any depth."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from cchc_shared.storage.history import history_columns
from tasks_api.metadata import METADATA

inspections = Table(
    "inspections",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("inspecting_unit", Text, nullable=False),
    Column("inspected_unit", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("document_no", Text, nullable=False, comment="of the decision to inspect"),
    Column("unannounced", Boolean, nullable=False),
    Column("planned_from", Date, nullable=False),
    Column("planned_to", Date, nullable=False, comment="inclusive"),
    Column("planned_at", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False),
    Column(
        "revealed_at", DateTime(timezone=True), comment="announced or started; null: the inspected unit knows nothing"
    ),
    Column("started_at", DateTime(timezone=True)),
    Column("conclusion_no", Text, comment="number of the document with the conclusions"),
    Column("concluded_at", DateTime(timezone=True)),
    Column("version", Integer, nullable=False),
    Index("ix_inspections_inspecting_unit_id", "inspecting_unit", "id"),
    Index("ix_inspections_inspected_unit_id", "inspected_unit", "id"),
    Index("ix_inspections_status_id", "status", "id"),
)

inspection_history = Table(
    "inspection_history",
    METADATA,
    Column("inspection_id", BigInteger, ForeignKey("inspections.id"), primary_key=True),
    *history_columns(),
    comment="Every change, append only: what an inspection was on any day",
)

conclusions = Table(
    "conclusions",
    METADATA,
    Column("inspection", Text, ForeignKey("inspections.code"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("responsible_unit", Text, nullable=False),
    Column("due_on", Date),
    comment="What an inspection found. Whether one is open follows from its recommendations",
)

recommendations = Table(
    "recommendations",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("inspection", Text, nullable=False),
    Column("conclusion", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("responsible_unit", Text, nullable=False),
    Column("inspecting_unit", Text, nullable=False),
    Column("inspected_unit", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="first instant after the local day due_on"),
    Column("status", Text, nullable=False),
    Column("reported_at", DateTime(timezone=True)),
    Column("done_at", DateTime(timezone=True), comment="instant of the report that was confirmed"),
    Column("version", Integer, nullable=False),
    # A recommendation stands below a conclusion of its own inspection, and below no other.
    ForeignKeyConstraint(["inspection", "conclusion"], ["conclusions.inspection", "conclusions.number"]),
    Index("ix_recommendations_inspection", "inspection", "conclusion"),
    Index("ix_recommendations_responsible_unit_id", "responsible_unit", "id"),
    Index("ix_recommendations_inspecting_unit_id", "inspecting_unit", "id"),
    Index("ix_recommendations_inspected_unit_id", "inspected_unit", "id"),
    Index("ix_recommendations_open", "id", postgresql_where=text("status <> 'done'")),
)

recommendation_history = Table(
    "recommendation_history",
    METADATA,
    Column("recommendation_id", BigInteger, ForeignKey("recommendations.id"), primary_key=True),
    *history_columns(),
    Column("due_at", DateTime(timezone=True), comment="null: an older process wrote it, and it is still the same"),
    comment="Every change, append only: what a recommendation was on any day",
)
