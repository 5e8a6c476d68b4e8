"""Tables of counts: what changes a count, the counts that were summed up, and how far that has come."""

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, Index, Integer, SmallInteger, Table, Text, text

from feedback_api.metadata import METADATA

COUNTS: Final = (
    "entries",
    "received",
    "open",
    "resolved",
    "on_time",
    "late",
    "overdue_open",
    "missed",
    "reopened",
    "satisfied",
    "unsatisfied",
)
"""What is counted. `entries` is how many reports, or duties, a row of the answer is made of, whatever they count as."""

change = Table(
    "statistics_change",
    METADATA,
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("category", Text),
    Column("unit", Text, nullable=False),
    Column("reports", Boolean, nullable=False, comment="Whether it changes the counts of reports"),
    Column("duties", Boolean, nullable=False, comment="Whether it changes the counts of the duties of its unit"),
    Column("effective_at", DateTime(timezone=True), nullable=False, comment="From when on; -infinity: at once"),
    *(Column(name, SmallInteger, nullable=False) for name in COUNTS),
)
"""What is added to counts, from an instant on. Triggers of `feedback` and its history write it in their transaction.

A report that is open adds to `overdue_open` from its due time on. When it is answered before, the same is taken away
from the same instant on.
"""
Index("ix_statistics_change_effective_at", change.c.effective_at)

cell = Table(
    "statistics_cell",
    METADATA,
    Column("grain", SmallInteger, primary_key=True, autoincrement=False, comment="What it is counted by, as a number"),
    Column("unit", Text, primary_key=True),
    Column("month", Text, primary_key=True, comment="Of receipt, where the city is"),
    Column("channel", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    *(Column(name, Integer, nullable=False) for name in COUNTS),
)
"""Changes that have taken effect, summed up; `grain` in `domain.py` has the numbers.

Empty: not counted by it; where it is counted by `category`, reports without one.
"""

state = Table(
    "statistics_state",
    METADATA,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("filled", Boolean, nullable=False, comment="Whether all reports are counted that are older than the cells"),
    Column("filled_until", DateTime(timezone=True), comment="Reports received before are, until then"),
    Column("folded_until", DateTime(timezone=True), nullable=False, server_default=text("'-infinity'")),
    CheckConstraint("one", name="one"),
)
"""One row. Whoever sums up, fills or mends holds its lock; nobody else does."""
