"""The table of what callers owe."""

from sqlalchemy import Column, DateTime, Integer, Table, Text

from notify.metadata import METADATA

caller_standings = Table(
    "caller_standing",
    METADATA,
    Column("key", Text, primary_key=True, comment="A class of requests and a digest of the caller"),
    Column("window_seconds", Integer, nullable=False, comment="In which all of the quota comes back"),
    Column("full_at", DateTime(timezone=True), nullable=False, index=True, comment="When all will have come back"),
    prefixes=["UNLOGGED"],
)
"""One row for each caller that owes something. After a crash of the server it is empty: nobody owes anything then."""
