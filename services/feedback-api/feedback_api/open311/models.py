"""Remarks on reports that clients of Open311 pass on."""

from sqlalchemy import Column, DateTime, Index, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from feedback_api.metadata import METADATA

remarks = Table(
    "feedback_remark",
    METADATA,
    Column("sent_by", Text, primary_key=True),
    Column("update_id", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("media_urls", ARRAY(Text), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
"""One row for each, never changed. `sent_by` names the key that it came with; `status` is what its writer says."""

Index("ix_feedback_remark_code", remarks.c.code, remarks.c.recorded_at)
