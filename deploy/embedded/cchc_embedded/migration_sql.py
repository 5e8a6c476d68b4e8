"""The SQL of every migration, written to files for the linter to read; no database is asked.

python -m cchc_embedded.migration_sql FOLDER
"""

import io
import sys
from pathlib import Path
from typing import Any

from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory

from cchc_embedded.migrate import HISTORIES, alembic_config


def upgrade_sql(schema: str) -> str:
    """What upgrading an empty schema would execute."""
    config = alembic_config(schema, "postgresql://")
    script = ScriptDirectory.from_config(config)
    written = io.StringIO()

    def steps(applied: Any, _: MigrationContext) -> list[RevisionStep]:
        return script._upgrade_revs("heads", applied)  # noqa: SLF001 - as alembic.command itself does

    with EnvironmentContext(config, script, fn=steps, as_sql=True, destination_rev="heads") as environment:
        environment.configure(dialect_name="postgresql", literal_binds=True, output_buffer=written)
        written.write("SET lock_timeout = '5s';\n")  # as every `env.py` does, see cchc_shared.storage.migrations
        with environment.begin_transaction():
            environment.run_migrations()
    return written.getvalue()


def main() -> None:
    """Writes one file for each history into the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for schema in HISTORIES:
        (folder / f"{schema}.sql").write_text(upgrade_sql(schema))


if __name__ == "__main__":
    main()
