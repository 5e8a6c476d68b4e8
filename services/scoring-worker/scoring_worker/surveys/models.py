"""Tables of surveys. Nothing leads from a token or a receipt to a ballot: see docs/adr/0053."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cchc_shared.storage.personal import SENDER, WORDS
from scoring_worker.metadata import METADATA

survey = Table(
    "survey",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("questionnaire", Text, nullable=False),
    Column("version", Text, nullable=False, comment="Of the questionnaire"),
    Column("period", Text, nullable=False, comment="2024, 2024-H1, 2024-Q2 or 2024-05"),
    Column("units", ARRAY(Text), nullable=False),
    Column("populations", JSONB, nullable=False, comment="People by unit and cell; empty: not known"),
    Column("opens_at", DateTime(timezone=True), nullable=False),
    Column("closes_at", DateTime(timezone=True), nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("sealed_at", DateTime(timezone=True), comment="When its numbers were entered and its tokens deleted"),
    Column("links", Integer, comment="Tokens that were made, counted when they were deleted"),
    Column("links_used", Integer),
    Column("ballots", Integer, comment="Counted when they were deleted because the survey was withdrawn"),
    Column("withdrawn_at", DateTime(timezone=True), comment="Its ballots were deleted then, and feed no score"),
    Column("withdrawn_by", Text, comment="Subject of the token of who withdrew it", info=SENDER),
    Column("withdrawn_reason", Text, info=WORDS),
    Index("ix_survey_unsealed", "closes_at", postgresql_where=text("sealed_at IS NULL")),
)

survey_token = Table(
    "survey_token",
    METADATA,
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of the token, which is not kept"),
    Column("survey", ForeignKey("survey.code"), nullable=False, index=True),
    Column("unit", Text, nullable=False),
    Column("stratum", Text, nullable=False),
    Column("used", Boolean, nullable=False, server_default=text("false")),
    comment="Deleted when the survey is sealed",
)

survey_receipt = Table(
    "survey_receipt",
    METADATA,
    Column("survey", ForeignKey("survey.code"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of the sender and its id of a ballot"),
    comment="Which ballots a system has sent; deleted when the survey is sealed",
)

survey_ballot = Table(
    "survey_ballot",
    METADATA,
    Column("survey", ForeignKey("survey.code"), primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("stratum", Text, primary_key=True),
    Column("answers", Text, primary_key=True, comment="A digit for each question; 0: not answered"),
    Column("number", BigInteger, nullable=False, comment="How many ballots are alike"),
    comment="The ballot box: equal ballots are one row, and no row has an id or a time",
)
