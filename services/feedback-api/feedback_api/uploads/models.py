"""Uploads that go on, or have ended not long ago."""

from sqlalchemy import Column, DateTime, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from cchc_shared.storage.personal import SENDER, WORDS
from feedback_api.metadata import METADATA

uploads = Table(
    "feedback_upload",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("uploaded_by", Text, info=SENDER),
    Column("purpose", Text, nullable=False),
    Column("caption", Text, info=WORDS),
    Column("length", Integer, nullable=False),
    Column("received", Integer, nullable=False, server_default=text("0")),
    Column("parts", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("attachment", Uuid, comment="What it became"),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
"""One row for each upload. Its parts are objects of the storage, to be removed when it has expired."""
