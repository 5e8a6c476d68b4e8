"""Tables of seasons. What was entered is append only; of a season only its dates and its end change."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Integer, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from cchc_shared.storage.history import history_columns
from cchc_shared.storage.personal import SENDER, WORDS
from scoring_worker.metadata import METADATA
from scoring_worker.seasons.domain import DATES

season = Table(
    "season",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("owner", Text, comment="Unit that runs it for the units below; empty: the city"),
    Column("set_code", Text, nullable=False),
    Column("set_version", Text, nullable=False),
    Column("set_sha256", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("appraisers", JSONB, nullable=False, comment="Field → unit that appraises it"),
    Column("findings_below", Numeric, comment="Share of a criterion's points below which it is a finding"),
    *(Column(name, DateTime(timezone=True), nullable=False) for name in DATES),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("cancelled_at", DateTime(timezone=True)),
    Column("version", Integer, nullable=False),
    Index("ix_season_set_period", "set_code", "period", "id"),
)

season_history = Table(
    "season_history",
    METADATA,
    Column("season_id", BigInteger, ForeignKey("season.id"), primary_key=True),
    *history_columns(),
    comment="Every change, append only",
)

season_unit = Table(
    "season_unit",
    METADATA,
    Column("season_id", BigInteger, ForeignKey("season.id"), primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("name", Text, nullable=False, comment="When the season opened; so is its kind"),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False, comment="Counts what was entered of the unit"),
)

season_entry = Table(
    "season_entry",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("season_id", BigInteger, ForeignKey("season.id"), nullable=False),
    Column("unit", Text, nullable=False),
    Column("criterion", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("points", Numeric),
    Column("details", JSONB, nullable=False, info=WORDS),
    Column("actor", Text, nullable=False, info=SENDER),
    Column("role", Text, nullable=False),
    Column("actor_unit", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False, comment="Of the unit's card with it"),
    Index("ix_season_entry_season_unit", "season_id", "unit", "id"),
    comment="What was entered of each criterion, append only",
)
