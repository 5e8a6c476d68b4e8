"""Counts are kept beside the reports, by triggers; the worker counts the reports that are there already."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, text

revision = "0023"
down_revision = "0022"

COUNTS = (
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
OF_REPORT = ("received_at", "channel", "kind", "category")
OF_COUNT = ("unit", "reports", "duties", "effective_at")
GIVEN = (
    *("unit", "held_by", "resolve_due_at", "own_resolve_due_at", "paused_since", "answered_at", "ended_at"),
    *("reopenings", "satisfied"),
)
LOOKED_AT = (*OF_REPORT, *GIVEN, "task", "part_of")
SAME_PATH = "SET search_path FROM CURRENT"
"""For whoever changes a report by hand, and has another path."""


def upgrade() -> None:
    create_tables()
    create_functions()
    # A moment's lock: whoever is writing ends before, whoever writes after is counted.
    op.execute(
        """CREATE TRIGGER statistics_received AFTER INSERT ON feedback REFERENCING NEW TABLE AS received
           FOR EACH STATEMENT EXECUTE FUNCTION statistics_received()"""
    )
    op.execute(
        f"""CREATE TRIGGER statistics_changed AFTER UPDATE OF {", ".join(LOOKED_AT)} OR DELETE ON feedback
           FOR EACH ROW EXECUTE FUNCTION statistics_changed()"""
    )
    op.execute(
        """CREATE TRIGGER statistics_missed AFTER INSERT ON feedback_history
           FOR EACH ROW WHEN (NEW.missed_by IS NOT NULL) EXECUTE FUNCTION statistics_missed()"""
    )
    op.execute("INSERT INTO statistics_state (filled) SELECT NOT EXISTS (SELECT FROM feedback)")


def create_tables() -> None:
    op.create_table(
        "statistics_change",
        instant("received_at"),
        text("channel"),
        text("kind"),
        text("category", nullable=True),
        text("unit"),
        sa.Column("reports", sa.Boolean(), nullable=False, comment="Whether it changes the counts of reports"),
        sa.Column(
            "duties", sa.Boolean(), nullable=False, comment="Whether it changes the counts of the duties of its unit"
        ),
        instant("effective_at", comment="From when on; -infinity: at once"),
        *(sa.Column(name, sa.SmallInteger(), nullable=False) for name in COUNTS),
    )
    op.create_index("ix_statistics_change_effective_at", "statistics_change", ["effective_at"])
    # Rows come and go by the thousand.
    op.execute(
        """ALTER TABLE statistics_change SET
               (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 10000)"""
    )
    op.create_table(
        "statistics_cell",
        sa.Column(
            "grain",
            sa.SmallInteger(),
            autoincrement=False,
            comment="What it is counted by, as a number",
            nullable=False,
        ),
        text("unit"),
        text("month", comment="Of receipt, where the city is"),
        text("channel"),
        text("kind"),
        text("category"),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint("grain", "unit", "month", "channel", "kind", "category", name="pk_statistics_cell"),
    )
    op.execute("ALTER TABLE statistics_cell SET (fillfactor = 70)")  # counts are changed in their page
    op.create_table(
        "statistics_state",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "filled",
            sa.Boolean(),
            nullable=False,
            comment="Whether all reports are counted that are older than the cells",
        ),
        instant("filled_until", nullable=True, comment="Reports received before are, until then"),
        instant("folded_until", server_default=sa.text("'-infinity'")),
        sa.PrimaryKeyConstraint("one", name="pk_statistics_state"),
        sa.CheckConstraint("one", name="one"),
    )


def create_functions() -> None:
    # A part of another report is none of its own. A later migration replaces this function alone.
    op.execute(
        """CREATE FUNCTION statistics_is_report(f feedback) RETURNS boolean IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
           'SELECT f.part_of IS NULL'"""
    )
    # The same as the statement that counts the reports themselves, in feedback_api/statistics/repository.py; tests
    # compare the two. It is given columns, not the row: with that the planner (18.4) cannot put it into the query.
    op.execute(
        f"""CREATE FUNCTION statistics_counts(
               is_report boolean, of_unit text, held_by text, promised timestamptz, own timestamptz,
               paused timestamptz, answered timestamptz, ended timestamptz, reopenings smallint, rated boolean,
               became_task boolean)
           RETURNS TABLE (unit text, reports boolean, duties boolean, effective_at timestamptz,
                          {", ".join(f"{name} integer" for name in COUNTS)})
           IMMUTABLE PARALLEL SAFE ROWS 3 LANGUAGE sql AS $$
               -- the report itself
               SELECT of_unit, is_report, true, timestamptz '-infinity', 1, is_report::int,
                      (coalesce(answered, ended) IS NULL)::int, (answered IS NOT NULL)::int, 0, 0, 0, 0,
                      (reopenings > 0)::int, (rated IS TRUE)::int, (rated IS FALSE)::int
               WHERE of_unit IS NOT NULL
               UNION ALL
               -- the desk that holds it
               SELECT held_by, false, true, '-infinity', 1, 0, 0, (answered IS NOT NULL)::int, 0, 0, 0, 0, 0,
                      (rated IS TRUE)::int, (rated IS FALSE)::int
               WHERE held_by IS NOT NULL
               UNION ALL
               -- what its sender was promised; its holder's duty too, where that has no other due time
               SELECT coalesce(held_by, of_unit), is_report, {is_duty("coalesce(own, promised)", "= promised")},
                      {outcome("promised")}
               WHERE (is_report OR {is_duty("coalesce(own, promised)", "= promised")}) AND {has_outcome("promised")}
               UNION ALL
               -- its holder's own
               SELECT coalesce(held_by, of_unit), false, true, {outcome("own")}
               WHERE {is_duty("own", "<> promised")} AND {has_outcome("own")}
           $$"""
    )
    of_report, of_count, counts = ", ".join(OF_REPORT), ", ".join(OF_COUNT), ", ".join(COUNTS)
    into = f"INSERT INTO statistics_change ({of_report}, {of_count}, {counts})"
    missed = ", ".join(str(int(name in ("entries", "missed"))) for name in COUNTS)
    op.execute(
        f"""CREATE FUNCTION statistics_received() RETURNS trigger LANGUAGE plpgsql {SAME_PATH} AS $$ BEGIN
               {into}
               SELECT {qualified("f", OF_REPORT)}, c.* FROM received f, LATERAL {counted("f")} c;
               RETURN NULL;
           END $$"""
    )
    # What it counted before is taken back, what it counts now is added; what is the same in both is left out.
    op.execute(
        f"""CREATE FUNCTION statistics_changed() RETURNS trigger LANGUAGE plpgsql {SAME_PATH} AS $$ BEGIN
               {into}
               SELECT {of_report}, {of_count}, {", ".join(f"sum(sign * {name})" for name in COUNTS)}
               FROM (SELECT -1 AS sign, {qualified("OLD", OF_REPORT)}, c.* FROM {counted("OLD")} c
                     UNION ALL
                     SELECT 1, {qualified("NEW", OF_REPORT)}, c.* FROM {counted("NEW")} c
                     WHERE TG_OP = 'UPDATE'
                     UNION ALL
                     SELECT r.*, h.missed_by, false, true, timestamptz '-infinity', {missed}
                     FROM feedback_history h,
                          LATERAL (VALUES (-1, {qualified("OLD", OF_REPORT)}), (1, {qualified("NEW", OF_REPORT)})) r
                     WHERE h.code = OLD.code AND h.missed_by IS NOT NULL
                       AND (TG_OP = 'UPDATE' OR r.column1 = -1)
                       AND ({qualified("OLD", OF_REPORT)}) IS DISTINCT FROM ({qualified("NEW", OF_REPORT)})
                    ) c (sign, {of_report}, {of_count}, {counts})
               GROUP BY {of_report}, {of_count}
               HAVING ({", ".join(f"sum(sign * {name})" for name in COUNTS)}) <> ({", ".join("0" for _ in COUNTS)});
               RETURN NULL;
           END $$"""
    )
    op.execute(
        f"""CREATE FUNCTION statistics_missed() RETURNS trigger LANGUAGE plpgsql {SAME_PATH} AS $$ BEGIN
               {into}
               SELECT {qualified("f", OF_REPORT)}, NEW.missed_by, false, true, '-infinity', {missed}
               FROM feedback f WHERE f.code = NEW.code;
               RETURN NULL;
           END $$"""
    )


def counted(row: str) -> str:
    """The counts of a report, given the name of its row."""
    given = qualified(row, GIVEN)
    return f"statistics_counts(statistics_is_report({row}::feedback), {given}, {row}.task IS NOT NULL)"


def is_duty(due_at: str, compared: str) -> str:
    """Whether its holder has a duty with that due time.

    One that was ended too late is among those that were missed; what became a task is counted with the tasks.
    """
    return f"({due_at} {compared} AND (ended >= {due_at}) IS NOT TRUE AND NOT became_task)"


def has_outcome(due_at: str) -> str:
    """Whether it counts as on time, late or overdue, now or later. What was ended in time does not."""
    return f"""CASE WHEN answered IS NOT NULL THEN true WHEN ended IS NOT NULL THEN ended >= {due_at}
               ELSE paused IS NULL OR paused >= {due_at} END"""


def outcome(due_at: str) -> str:
    """From when on it counts so, and as which of them."""
    counts = {
        "on_time": f"answered < {due_at}",
        "late": f"coalesce(answered, ended) >= {due_at}",
        "overdue_open": "coalesce(answered, ended) IS NULL",
    }
    listed = ", ".join(f"(({counts[name]}) IS TRUE)::int" if name in counts else "0" for name in COUNTS)
    waits = "coalesce(answered, ended, paused) IS NULL"
    return f"CASE WHEN {waits} THEN {due_at} ELSE '-infinity' END, {listed}"


def qualified(name: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{name}.{column}" for column in columns)


def downgrade() -> None:
    op.execute("DROP TRIGGER statistics_missed ON feedback_history")
    op.execute("DROP TRIGGER statistics_changed ON feedback")
    op.execute("DROP TRIGGER statistics_received ON feedback")
    for function in ("missed", "changed", "received", "counts", "is_report"):
        op.execute(f"DROP FUNCTION statistics_{function}")
    for table in ("state", "cell", "change"):
        op.drop_table(f"statistics_{table}")
