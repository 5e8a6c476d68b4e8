"""Plans as offices have them: rows with their wording, documents that revise a plan, answers that were kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("tasks", text("written_number", server_default="", comment="as the document has it"))
    op.add_column("tasks", text("section", server_default="", comment="headings of the document above it"))
    op.add_column("plans", integer("parked", server_default="0", comment="rows that wait for an answer"))
    op.add_column("plans", instant("withdrawn_at", nullable=True))
    op.add_column("plans", integer("documents", server_default="1", comment="the first one and its revisions"))
    op.add_column(
        "plans", text("identity", nullable=True, comment="issuer, number and year; without a number: content")
    )
    op.execute(
        r"""UPDATE plans SET identity = CASE WHEN document_no ~ '\d'
              THEN assigning_unit || '|' || lower(regexp_replace(document_no, '\s+', '', 'g')) || '|' || issued_year
              ELSE encode(digest, 'hex') END"""
    )
    op.alter_column("plans", "identity", nullable=False)
    op.alter_column("plans", "tasks", comment="rows of the annex that became tasks")
    create_versions()
    create_rows()
    create_learned_answers()
    # Rows of plans that were imported before are not known; their documents are.
    op.execute(
        """INSERT INTO plan_versions
           SELECT id, 1, document_no, issued_on, title, digest, imported_at, imported_by, '[]' FROM plans"""
    )


def create_versions() -> None:
    op.create_table(
        "plan_versions",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Integer(), autoincrement=False, nullable=False),
        text("document_no"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        text("title"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        instant("imported_at"),
        text("imported_by"),
        sa.Column("changes", JSONB(), nullable=False, comment="what it changed against the version before"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_versions_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "document", name="pk_plan_versions"),
        comment="Every document of a plan: the first one and its revisions",
    )
    op.create_index("ix_plan_versions_digest", "plan_versions", ["digest"])


def create_rows() -> None:
    op.create_table(
        "plan_rows",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "line", sa.Integer(), autoincrement=False, nullable=False, comment="line of the document's table, from 1"
        ),
        integer("number", comment="running number, as codes of tasks have it"),
        text("written_number"),
        sa.Column("sections", ARRAY(sa.Text()), nullable=False),
        text("annex"),
        sa.Column("cells", JSONB(), nullable=False, comment="what counts, by field"),
        sa.Column("written", JSONB(), nullable=False, comment="the wording of the row's own cells, by field"),
        sa.Column("inherited", JSONB(), nullable=False, comment="where what counts came from otherwise, by field"),
        text("state", comment="assigned, parked, dropped"),
        sa.Column("tasks", ARRAY(sa.Text()), nullable=False),
        sa.Column("doubts", JSONB(), nullable=False),
        text("note", server_default="", comment="why it was dropped"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_rows_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "document", "line", name="pk_plan_rows"),
        comment="The rows of a plan's annex as they were read; the original wording beside what was made of it",
    )
    op.create_index(
        "ix_plan_rows_parked",
        "plan_rows",
        ["plan_id", "document", "line"],
        postgresql_where=sa.text("state = 'parked'"),
    )


def create_learned_answers() -> None:
    op.create_table(
        "learned_answers",
        text("owner", comment="the unit whose documents it is for; empty: the city's"),
        text("kind", comment="column, unit"),
        text("key", comment="the wording without marks"),
        text("wording"),
        sa.Column("meaning", ARRAY(sa.Text()), nullable=False, comment="a field, or codes of units"),
        instant("learned_at"),
        text("learned_by"),
        sa.PrimaryKeyConstraint("owner", "kind", "key", name="pk_learned_answers"),
        comment="What people answered about headings and names, and chose to keep for later documents",
    )


def downgrade() -> None:
    for name in ("learned_answers", "plan_rows", "plan_versions"):
        op.drop_table(name)
    for name in ("identity", "documents", "withdrawn_at", "parked"):
        op.drop_column("plans", name)
    op.alter_column("plans", "tasks", comment="rows of the annex; children are not counted")
    for name in ("section", "written_number"):
        op.drop_column("tasks", name)
