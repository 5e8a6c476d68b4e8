"""The log of events in months: a partition for each, by the transactions that wrote in it, and what became of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl import outbox_1
from cchc_shared.storage.ddl.columns import instant, integer, text

_COLUMNS = """partition, xid, seq, id, aggregatetype, aggregateid, aggregateversion, type, occurred_at, recorded_at,
              traceparent, payload"""

CREATE_FEED = (
    f"""CREATE OR REPLACE VIEW outbox_feed AS
        SELECT {_COLUMNS} FROM outbox WHERE xid < pg_snapshot_xmin(pg_current_snapshot())""",
    "GRANT SELECT ON outbox_feed, outbox_month, outbox_trimmed TO stream_reader",
)

# Security definer: whoever restores is an administrator, and what is made here must belong to the service.
CREATE_ADOPTION = f"""
    CREATE FUNCTION outbox_of_another_server() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    DECLARE month text;
    BEGIN
        LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE;
        CREATE TABLE outbox_adopted (LIKE outbox INCLUDING DEFAULTS INCLUDING INDEXES);
        INSERT INTO outbox_adopted SELECT partition, '3', {_COLUMNS.replace("partition, xid, ", "", 1)} FROM outbox;
        FOR month IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'outbox'::regclass LOOP
            EXECUTE 'DROP TABLE ' || month;
        END LOOP;
        ALTER TABLE outbox_adopted RENAME TO outbox_open;
        ALTER TABLE outbox ATTACH PARTITION outbox_open FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
        DELETE FROM outbox_month WHERE trimmed_at IS NULL;
        UPDATE outbox_trimmed SET major = 0, minor = events;
    END $$"""
"""Run after a dump was restored on a server with transactions of its own: 3 is the first that any server has."""


class _Xid8(sa.types.UserDefinedType[int]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


def upgrade() -> None:
    """Make the table of events a partitioned one, whose first partition is the table as it was: no row moves."""
    op.rename_table("outbox", "outbox_open")
    op.execute("ALTER TABLE outbox_open RENAME CONSTRAINT pk_outbox TO pk_outbox_open")
    op.execute("ALTER SEQUENCE outbox_seq_seq RENAME TO outbox_open_seq_seq")
    _create_outbox(postgresql_partition_by="RANGE (xid)")
    _go_on_counting("outbox_open")
    # A partition has none of its own; whoever inserts names the table above it.
    op.execute("-- squawk-ignore ban-alter-identity\nALTER TABLE outbox_open ALTER COLUMN seq DROP IDENTITY")
    op.execute("ALTER TABLE outbox ATTACH PARTITION outbox_open FOR VALUES FROM (MINVALUE) TO (MAXVALUE)")
    op.create_table(
        "outbox_month",
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the local month in which it began"),
        sa.Column("from_xid", sa.BigInteger(), comment="Its first transaction; empty: from the beginning"),
        sa.Column("to_xid", sa.BigInteger(), comment="The first transaction after it; empty while it is open"),
        instant("turned_at", nullable=True, comment="When it ended"),
        sa.Column(
            "sections",
            postgresql.JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="What its file holds, piece by piece",
        ),
        text("sha256", nullable=True, comment="Of its file"),
        instant("archived_at", nullable=True, comment="When its file was read back and found whole"),
        instant("trimmed_at", nullable=True, comment="When its rows were removed: from then on its file is the log"),
        sa.PrimaryKeyConstraint("month", name="pk_outbox_month"),
    )
    op.create_table(
        "outbox_trimmed",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False, comment="How many events only the archive holds"),
        sa.Column("major", sa.BigInteger(), nullable=False, comment="Transaction of the last of them"),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partition", name="pk_outbox_trimmed"),
    )
    for statement in (*CREATE_FEED, CREATE_ADOPTION):
        op.execute(statement)


def downgrade() -> None:
    """Undo `upgrade`. Refused where months were trimmed: only their files hold them."""
    op.execute(
        """DO $$ BEGIN
               IF EXISTS (SELECT FROM outbox_month WHERE trimmed_at IS NOT NULL) THEN
                   RAISE EXCEPTION 'months of the outbox are in the archive alone';
               END IF;
           END $$"""
    )
    op.execute("DROP FUNCTION outbox_of_another_server()")
    op.execute("DROP VIEW outbox_feed")
    op.drop_table("outbox_trimmed")
    op.drop_table("outbox_month")
    op.rename_table("outbox", "outbox_months")
    op.execute("ALTER TABLE outbox_months RENAME CONSTRAINT pk_outbox TO pk_outbox_months")
    op.execute("ALTER SEQUENCE outbox_seq_seq RENAME TO outbox_months_seq_seq")
    _create_outbox()
    op.execute(f"INSERT INTO outbox ({_COLUMNS}) OVERRIDING SYSTEM VALUE SELECT {_COLUMNS} FROM outbox_months")
    _go_on_counting("outbox_months")
    op.drop_table("outbox_months")
    for statement in outbox_1.CREATE_FEED:
        op.execute(statement)


def _create_outbox(**options: Any) -> None:
    op.create_table(
        "outbox",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("xid", _Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        text("aggregatetype"),
        text("aggregateid"),
        integer("aggregateversion"),
        text("type"),
        instant("occurred_at"),
        instant("recorded_at"),
        text("traceparent", nullable=True),
        sa.Column("payload", postgresql.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "xid", "seq", name="pk_outbox"),
        **options,
    )


def _go_on_counting(former: str) -> None:
    """Sequence numbers go on where those of the former table ended."""
    op.execute(
        f"SELECT setval(pg_get_serial_sequence('outbox', 'seq'), nextval(pg_get_serial_sequence('{former}', 'seq')))"
    )
