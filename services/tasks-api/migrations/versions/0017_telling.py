"""Notifications, mailboxes, mails; open tasks get the timer of their reminders. New tables: nothing waits."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    _create_notifications()
    _create_mails()
    # What was assigned before is reminded of from now on: steps whose time is over are not said.
    op.execute(
        """INSERT INTO timer (kind, key, due_at, fires_at)
           SELECT 'tasks.remind', code, now(), now() FROM tasks
           WHERE status NOT IN ('completed', 'closed') AND due_on IS NOT NULL
           ON CONFLICT DO NOTHING"""
    )


def downgrade() -> None:
    op.execute("DELETE FROM timer WHERE kind = 'tasks.remind'")
    for table in ("mails", "mailboxes", "notification_reads", "notifications"):
        op.drop_table(table)


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("unit"),
        text("role", comment="everyone who holds it in the unit is told"),
        text("kind"),
        text("subject", comment="code of what it is about"),
        sa.Column("due_on", sa.Date()),
        integer("days", nullable=True, comment="of a reminder: before the last day; negative after it"),
        instant("at", comment="as of when it holds"),
        instant("recorded_at"),
        sa.Column("to_mail", sa.Boolean(), nullable=False, comment="no mail was made of it yet, and one is to be made"),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
    )
    op.create_index("ix_notifications_unit_role_id", "notifications", ["unit", "role", "id"])
    op.create_index("ix_notifications_recorded_at", "notifications", ["recorded_at"])
    op.create_index(
        "ix_notifications_to_mail", "notifications", ["unit", "role", "id"], postgresql_where=sa.text("to_mail")
    )
    op.create_index(
        "uq_notifications_reminder",
        "notifications",
        ["subject", "due_on", "days", "unit", "role"],
        unique=True,
        postgresql_where=sa.text("days IS NOT NULL"),
    )
    op.create_table(
        "notification_reads",
        sa.Column("notification_id", sa.BigInteger(), nullable=False),
        text("sub", comment="who read it"),
        instant("read_at"),
        sa.PrimaryKeyConstraint("notification_id", "sub", name="pk_notification_reads"),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name="fk_notification_reads_notification_id_notifications",
            ondelete="CASCADE",
        ),
    )


def _create_mails() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("unit"),
        text("role"),
        text("address", comment="personal data: it stands nowhere else"),
        sa.PrimaryKeyConstraint("id", name="pk_mailboxes"),
        sa.UniqueConstraint("unit", "role", "address", name="uq_mailboxes_unit_role_address"),
        comment="Where those who hold a role in a unit are written to",
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("message_id", comment="the same however often it is sent"),
        sa.Column("mailbox_id", sa.BigInteger(), nullable=False),
        text("subject"),
        text("body"),
        instant("made_at"),
        integer("attempts"),
        instant("next_at", comment="not before then, also while one is sending it"),
        instant("sent_at", nullable=True),
        text("refusal", nullable=True, comment="why it was given up, without the address"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("message_id", name="uq_mails_message_id"),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailboxes.id"], name="fk_mails_mailbox_id_mailboxes", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_mails_waiting",
        "mails",
        ["next_at", "id"],
        postgresql_where=sa.text("sent_at IS NULL AND refusal IS NULL"),
    )
    op.create_index("ix_mails_refused", "mails", ["id"], postgresql_where=sa.text("refusal IS NOT NULL"))
    op.create_index("ix_mails_mailbox_id", "mails", ["mailbox_id"])
    op.create_index("ix_mails_made_at", "mails", ["made_at"])
