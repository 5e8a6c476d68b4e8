"""History that nobody changes: not even the service's own role."""

from alembic import op


def protect(table: str) -> None:
    """Refuse every UPDATE, DELETE and TRUNCATE of the table."""
    op.execute(
        """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$"""
    )
    op.execute(
        f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    )


def unprotect() -> None:
    """Undo `protect`, after the table is gone."""
    op.execute("DROP FUNCTION refuse_change()")
