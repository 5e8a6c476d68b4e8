"""Every history goes up and down, and ends where the models say."""

import asyncio

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from cchc_embedded.migrate import HISTORIES, alembic_config, revisions
from tests.support.databases import Database

pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")


async def relations(url: str, schema: str) -> set[str]:
    """Names of the tables, views and sequences of a schema."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'v', 'S', 'p')",
            schema,
        )
    finally:
        await connection.close()
    return {row["relname"] for row in rows}


@pytest.mark.parametrize("schema", HISTORIES)
def test_up_down_and_in_step_with_the_models(schema: str, database: Database) -> None:
    config = alembic_config(schema, database.url(schema))
    command.check(config)
    everything = asyncio.run(relations(database.admin_url, schema))
    command.downgrade(config, "base")
    assert asyncio.run(relations(database.admin_url, schema)) == {"alembic_version"}
    command.upgrade(config, "head")
    command.check(config)
    assert asyncio.run(relations(database.admin_url, schema)) == everything


@pytest.mark.parametrize("schema", HISTORIES)
def test_head_names_the_newest_of_an_unbroken_row(schema: str) -> None:
    """Two branches that each add a migration change one line of HEAD: the conflict shows in git, not in production."""
    versions = HISTORIES[schema] / "versions"
    files = {file.stem.partition("_")[0]: file for file in sorted(versions.glob("[0-9]*.py"))}
    assert list(files) == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert {file.name for file in versions.glob("*.py")} == {file.name for file in files.values()}
    history = ScriptDirectory.from_config(alembic_config(schema, "postgresql://"))
    assert [script.revision for script in history.walk_revisions()] == sorted(files, reverse=True)
    assert revisions(schema) == list(files)
    assert (HISTORIES[schema] / "HEAD").read_text().split() == [files[str(history.get_current_head())].stem]
