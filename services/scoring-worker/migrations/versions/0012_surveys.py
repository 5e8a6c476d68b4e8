"""Questionnaires, surveys, and boxes of ballots to which no token leads."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cchc_shared.storage.ddl.columns import instant, text

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "questionnaire",
        text("code", primary_key=True),
        text("version", primary_key=True),
        text("sha256"),
        text("document", comment="The YAML as it was loaded"),
        instant("loaded_at"),
    )
    op.create_table(
        "survey",
        text("code", primary_key=True),
        text("questionnaire"),
        text("version", comment="Of the questionnaire"),
        text("period", comment="2024, 2024-H1, 2024-Q2 or 2024-05"),
        sa.Column("units", ARRAY(sa.Text()), nullable=False),
        sa.Column("populations", JSONB, nullable=False, comment="People by unit and cell; empty: not known"),
        instant("opens_at"),
        instant("closes_at"),
        text("opened_by"),
        instant("recorded_at"),
        instant("sealed_at", nullable=True, comment="When its numbers were entered and its tokens deleted"),
        sa.Column("links", sa.Integer, comment="Tokens that were made, counted when they were deleted"),
        sa.Column("links_used", sa.Integer),
    )
    op.create_index("ix_survey_unsealed", "survey", ["closes_at"], postgresql_where=sa.text("sealed_at IS NULL"))
    op.create_table(
        "survey_token",
        sa.Column("digest", sa.LargeBinary, primary_key=True, comment="SHA-256 of the token, which is not kept"),
        sa.Column("survey", sa.Text, sa.ForeignKey("survey.code"), nullable=False),
        text("unit"),
        text("stratum"),
        sa.Column("used", sa.Boolean, nullable=False, server_default=sa.text("false")),
        comment="Deleted when the survey is sealed",
    )
    op.create_index("ix_survey_token_survey", "survey_token", ["survey"])
    op.create_table(
        "survey_receipt",
        sa.Column("survey", sa.Text, sa.ForeignKey("survey.code"), primary_key=True),
        sa.Column("digest", sa.LargeBinary, primary_key=True, comment="SHA-256 of the sender and its id of a ballot"),
        comment="Which ballots a system has sent; deleted when the survey is sealed",
    )
    op.create_table(
        "survey_ballot",
        sa.Column("survey", sa.Text, sa.ForeignKey("survey.code"), primary_key=True),
        text("unit", primary_key=True),
        text("stratum", primary_key=True),
        text("answers", primary_key=True, comment="A digit for each question; 0: not answered"),
        sa.Column("number", sa.BigInteger, nullable=False, comment="How many ballots are alike"),
        comment="The ballot box: equal ballots are one row, and no row has an id or a time",
    )


def downgrade() -> None:
    for table in ("survey_ballot", "survey_receipt", "survey_token", "survey", "questionnaire"):
        op.drop_table(table)
